//! Which rows somebody sees, and which they may change.

use super::{Rights, RolePermissions, Rows};
use crate::catalog::{Belonging, End, RowOwner, Slot, TypeId};
use crate::store::RowRef;
use crate::value::Value;

/// What somebody wants with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    See,
    Change,
    /// To change it, or delete it, because something else is.
    TakeAlong,
}

/// A row belongs to something through fewer rows than this, or in a circle.
const STEPS: u32 = 20_000;

/// A walk from a row to what it belongs to.
struct Walk<'w, R: Rows + ?Sized> {
    rights: &'w Rights,
    rows: &'w R,
    /// Rows that give a right by what they name in a slot, and are taken for giving none.
    passed_over: &'w dyn Fn(RowRef, Slot) -> bool,
    steps: u32,
}

impl Rights {
    /// Whether the user sees a row.
    pub(crate) fn sees<R: Rows + ?Sized>(&self, rows: &R, row: RowRef) -> bool {
        self.walk(rows).reaches(row, Wish::See, None)
    }

    /// Whether the user may change a row.
    pub(crate) fn changes<R: Rows + ?Sized>(&self, rows: &R, row: RowRef) -> bool {
        self.walk(rows).reaches(row, Wish::Change, None)
    }

    /// Whether the user may change a row that a batch made or changed, by the rights that they had before it.
    pub(crate) fn may_make<R: Rows + ?Sized>(
        &self,
        rows: &R,
        row: RowRef,
        is_new: &dyn Fn(RowRef, Slot) -> bool,
    ) -> bool {
        let mut walk = Walk {
            passed_over: is_new,
            ..self.walk(rows)
        };
        walk.reaches(row, Wish::Change, None)
    }

    /// Whether a row may go, or change, when the user deletes something else.
    pub(crate) fn takes_along<R: Rows + ?Sized>(&self, rows: &R, row: RowRef) -> bool {
        self.walk(rows).reaches(row, Wish::TakeAlong, None)
    }

    /// Whether the user sees a project.
    pub(crate) fn knows<R: Rows + ?Sized>(&self, rows: &R, project: &Value) -> bool {
        self.projects.contains_key(project) || self.may_know(rows, project)
    }

    /// What the user may do where a row belongs.
    pub(crate) fn permissions<R: Rows + ?Sized>(&self, rows: &R, row: RowRef) -> RolePermissions {
        let in_general = self.in_open_projects.unwrap_or_default();
        match project_of(rows, row) {
            Some(project) => match self.projects.get(&project) {
                Some(permissions) => *permissions,
                None => in_general,
            },
            None => in_general,
        }
    }

    /// Whether something that a row names is seen: an id that names nothing is not.
    pub(crate) fn sees_end<R: Rows + ?Sized>(&self, rows: &R, end: &End, id: &Value) -> bool {
        self.walk(rows).sees_end(end, id)
    }

    /// Whether the user may name what some families have under an id. Nobody gives themselves a right by naming
    /// something, such as a component that they hold or a conversation in which they take part: what `is_new` tells of
    /// gives none.
    pub(crate) fn may_name<R: Rows + ?Sized>(
        &self,
        rows: &R,
        families: &[TypeId],
        id: &Value,
        is_new: &dyn Fn(RowRef, Slot) -> bool,
    ) -> bool {
        let mut walk = Walk {
            passed_over: is_new,
            ..self.walk(rows)
        };
        let mut named = families.iter().filter_map(|family| rows.find(*family, id));
        named.any(|row| walk.reaches(row, Wish::See, None))
    }

    fn walk<'w, R: Rows + ?Sized>(&'w self, rows: &'w R) -> Walk<'w, R> {
        Walk {
            rights: self,
            rows,
            passed_over: &|_, _| false,
            steps: STEPS,
        }
    }

    /// Whether a project is one that there was not yet when these rights were looked up.
    fn may_know<R: Rows + ?Sized>(&self, rows: &R, project: &Value) -> bool {
        let info = rows.catalog().find("Project");
        let Some(row) = info.and_then(|info| rows.find(info.id, project)) else {
            return false;
        };
        *rows.named(row, "created_by_id") == self.user
            || (self.in_open_projects.is_some() && !rows.named(row, "is_private").is_true())
    }
}

impl<R: Rows + ?Sized> Walk<'_, R> {
    /// Whether the wish is granted for a row. What it names in `passed` is not looked at: that is where the walk came
    /// from.
    fn reaches(&mut self, mut row: RowRef, wish: Wish, mut passed: Option<Slot>) -> bool {
        loop {
            let Some(left) = self.steps.checked_sub(1) else {
                return false;
            };
            self.steps = left;
            let belonging = self.rows.catalog().belonging(row.type_id);
            let is_managed = match wish {
                Wish::See => false,
                Wish::Change => belonging.is_managed || belonging.is_noted,
                Wish::TakeAlong => belonging.is_managed,
            };
            if is_managed {
                return self.administrates(row);
            }
            match self.ends(row, belonging, passed.take()) {
                Ends::Hidden => return false,
                Ends::Seen => return true,
                Ends::None => return self.owns(row, belonging.owner, wish),
                Ends::Above(above) => row = above,
            }
        }
    }

    /// What a row names: the first of these is where the walk goes on; the others are looked at here.
    fn ends(&mut self, row: RowRef, belonging: &Belonging, passed: Option<Slot>) -> Ends {
        let mut found = Ends::None;
        for end in belonging.ends.iter().filter(|end| Some(end.slot) != passed) {
            let id = self.rows.value(row, end.slot);
            if id.is_null() {
                continue;
            }
            if matches!(found, Ends::None) {
                found = match self.find(end, id) {
                    _ if end.is_project && self.rights.knows(self.rows, id) => Ends::Seen,
                    Some(above) if !end.is_project => Ends::Above(above),
                    _ => return Ends::Hidden,
                };
                if belonging.is_first_enough {
                    break;
                }
            } else if !self.sees_end(end, id) {
                return Ends::Hidden;
            }
        }
        found
    }

    fn sees_end(&mut self, end: &End, id: &Value) -> bool {
        if end.is_project {
            return self.rights.knows(self.rows, id);
        }
        let above = self.find(end, id);
        above.is_some_and(|above| self.reaches(above, Wish::See, None))
    }

    fn find(&self, end: &End, id: &Value) -> Option<RowRef> {
        let mut families = end.families.iter();
        families.find_map(|family| self.rows.find(*family, id))
    }

    fn owns(&mut self, row: RowRef, owner: RowOwner, wish: Wish) -> bool {
        let is_own = |slot: Slot| *self.rows.value(row, slot) == self.rights.user;
        match owner {
            RowOwner::Itself => self.rights.knows(self.rows, self.rows.id(row)),
            RowOwner::Nobody => false,
            RowOwner::Studio => wish == Wish::See,
            RowOwner::User(slot) => is_own(slot),
            RowOwner::Shown(slot) => wish == Wish::See || is_own(slot),
            RowOwner::Shared(slot) => is_own(slot) || (wish == Wish::See && self.is_shared(row)),
            RowOwner::Participants(slot) => is_own(slot) || self.takes_part(row),
            RowOwner::Holders(maker) => self.is_held(row, wish, maker.is_some_and(is_own)),
        }
    }

    /// Whether one of the rows that hold a component grants the wish; `is_own` says it for one that nothing holds.
    fn is_held(&mut self, row: RowRef, wish: Wish, is_own: bool) -> bool {
        let id = self.rows.id(row).clone();
        let rows = self.rows;
        let mut is_held = false;
        let mut found = Vec::new();
        for holder in rows.catalog().holders() {
            rows.naming(holder.type_id, holder.slot, &id, &mut found);
            for row in found.drain(..) {
                if (self.passed_over)(row, holder.slot) {
                    continue;
                }
                is_held = true;
                if self.reaches(row, wish, Some(holder.slot)) {
                    return true;
                }
            }
        }
        is_own && !is_held
    }

    /// Whether the user is among those who have a part in a conversation.
    fn takes_part(&self, row: RowRef) -> bool {
        self.is_linked(row, "Participant", "conversation_id")
    }

    /// Whether something is shared with everybody, or with the user.
    fn is_shared(&self, row: RowRef) -> bool {
        ["is_shared_with_everyone", "global"]
            .iter()
            .any(|name| self.rows.named(row, name).is_true())
            || self.is_linked(row, "DashboardResource", "dashboard_id")
            || self.is_linked(row, "UserViewResource", "user_view_id")
    }

    /// Whether a row of a link type leads from a row to the user, or to a group of theirs.
    fn is_linked(&self, row: RowRef, link: &str, name: &str) -> bool {
        let catalog = self.rows.catalog();
        let Some(info) = catalog.find(link) else {
            return false;
        };
        let Some(slot) = catalog.slot(info.id, name) else {
            return false;
        };
        let mut links = Vec::new();
        self.rows
            .naming(info.id, slot, self.rows.id(row), &mut links);
        links.into_iter().any(|link| {
            if (self.passed_over)(link, slot) {
                return false;
            }
            let resource = self.rows.named(link, "resource_id");
            self.rights.resources.contains(resource)
        })
    }

    /// Whether a role administrates where a row belongs.
    fn administrates(&mut self, row: RowRef) -> bool {
        self.rights.permissions(self.rows, row).administrate && self.reaches(row, Wish::See, None)
    }
}

/// What the ends of a row say.
enum Ends {
    /// It names nothing.
    None,
    /// It names something that is not seen.
    Hidden,
    /// It names a project that is seen.
    Seen,
    /// It belongs to this row, and names nothing else that is not seen.
    Above(RowRef),
}

/// The project that a row belongs to, if it belongs to one.
pub(crate) fn project_of<R: Rows + ?Sized>(rows: &R, row: RowRef) -> Option<Value> {
    let catalog = rows.catalog();
    let mut current = row;
    let mut passed = None;
    for _ in 0..STEPS {
        let belonging = catalog.belonging(current.type_id);
        if belonging.owner == RowOwner::Itself {
            return Some(rows.id(current).clone());
        }
        let mut ends = belonging.ends.iter().filter(|end| Some(end.slot) != passed);
        let named = ends.find_map(|end| {
            let id = rows.value(current, end.slot);
            (!id.is_null()).then_some((end, id))
        });
        passed = None;
        current = match named {
            Some((end, id)) if end.is_project => return Some(id.clone()),
            Some((end, id)) => {
                let mut families = end.families.iter();
                families.find_map(|family| rows.find(*family, id))?
            }
            None if matches!(belonging.owner, RowOwner::Holders(_)) => {
                let id = rows.id(current);
                let mut found = Vec::new();
                let holder = catalog.holders().iter().find(|holder| {
                    rows.naming(holder.type_id, holder.slot, id, &mut found);
                    !found.is_empty()
                })?;
                passed = Some(holder.slot);
                found.first().copied()?
            }
            None => return None,
        };
    }
    None
}
