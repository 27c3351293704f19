//! The steps, in the order in which they are taken.

/// A step of the wizard; forms carry its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Before the first form.
    SelectScenario,
    SelectLocation,
    /// Only for a new location.
    ConfigureLocation,
    /// Never shown, because there is one structure only; known because other clients know it.
    SelectStructure,
    SelectMountPoint,
    ConfirmSummary,
    SaveConfiguration,
}

impl Step {
    const ALL: [Self; 7] = [
        Self::SelectScenario,
        Self::SelectLocation,
        Self::ConfigureLocation,
        Self::SelectStructure,
        Self::SelectMountPoint,
        Self::ConfirmSummary,
        Self::SaveConfiguration,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SelectScenario => "select_scenario",
            Self::SelectLocation => "select_location",
            Self::ConfigureLocation => "configure_location",
            Self::SelectStructure => "select_structure",
            Self::SelectMountPoint => "select_mount_point",
            Self::ConfirmSummary => "confirm_summary",
            Self::SaveConfiguration => "save_configuration",
        }
    }
}
