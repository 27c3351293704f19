//! `ftrack version publish`.

mod pausing;
mod publication;
mod record;
mod report;
mod source;

use clap::Args;
use ftrack::UploadControl;
use ftrack::location::sequence::Indexes;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use ftrack::prelude::*;

use self::publication::{Publication, Target};
use self::record::{Known, Record};
use self::source::Source;
use crate::connection::{connect_with, unreachable_from_here};
use crate::failure::Failure;
use crate::options::{Change, Connection, Disks, Named, Uploading};
use crate::terminal::interruption;
use crate::terminal::output;
use crate::terminal::progress::Display;

const INTERRUPTED: Failure = Failure::Interrupted("nothing was published");

const INTERRUPTED_FOR_NOW: Failure =
    Failure::Interrupted("nothing was published yet, and the same command goes on");

/// Publish files as a new version of an asset.
///
/// The asset belongs to the parent of the task; it is created if there is none of that name. Each FILE becomes a
/// component that is called as the file without its extension. The files are copied to a location: the one of
/// `--location`, else the first one that is configured, see `ftrack location ls`. Without any, they stay where they
/// are (`ftrack.unmanaged`).
///
/// The version shows as published when all files are in place. If that fails, or on Ctrl-C, everything is taken back:
/// copies, components, version, and the asset if it is new. A second Ctrl-C ends at once.
///
/// An upload of more than 16 MiB to `ftrack.server` survives: if the network fails, on Ctrl-C, or if the command is
/// killed, version and components stay, not published, and the same command goes on with the parts that the server has.
/// With `--no-resume` they are taken back. SIGUSR1 pauses the upload, SIGUSR2 lets it go on; so do Ctrl-Z and `fg`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack version publish 'plate.####.exr' --task last_lantern/storm/010/fx --asset fx --type render
  ftrack version publish /mnt/render/fx --task last_lantern/storm/010/fx --asset fx --type render --dry-run
  ftrack version publish scene.ma playblast.mov --task Task:f7a9… --asset light --type scene

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused, 130 if it was interrupted.")]
pub(crate) struct Options {
    /// A file, a sequence such as `plate.####.exr`, or a folder, for every sequence in it.
    ///
    /// The number of the frame is written as `####`, `@@@@`, `%04d`, `$F4` or `<UDIM>`. The frames may follow after a
    /// space: `plate.####.exr 1001-1100x2`, `plate.%04d.exr [1001, 1003-1010]`. Without them, all frames that there are
    /// are published, unless frames of another padding lie beside them.
    #[arg(required = true, value_name = "FILE|SEQUENCE|FOLDER")]
    pub(crate) paths: Vec<PathBuf>,
    /// The frames to publish, such as `1001-1100x2` or `-5-10,20`; all of them must be there.
    #[arg(long, value_name = "FRAMES", allow_hyphen_values = true)]
    pub(crate) frames: Option<Indexes>,
    /// Publish the whole sequence where one of its frames is named.
    #[arg(long)]
    pub(crate) whole_sequences: bool,
    /// Publish files that are frames of one sequence as components of their own.
    ///
    /// Without it, three and more that are named one by one, as shells expand `plate.*.exr`, are that sequence.
    #[arg(long)]
    pub(crate) single_files: bool,
    /// The task that the version was made for: its path from the project, or its id.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Named,
    /// The name of the asset.
    #[arg(long, value_name = "NAME")]
    pub(crate) asset: String,
    /// The type of the asset by its name or short name, such as `geo`.
    #[arg(long = "type", value_name = "NAME")]
    pub(crate) asset_type: String,
    /// What to say about the version.
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
    /// Where the files go, by name or id, such as `ftrack.server`.
    #[arg(long, value_name = "NAME")]
    pub(crate) location: Option<String>,
    /// A picture that stands for the version.
    #[arg(long, value_name = "FILE")]
    pub(crate) thumbnail: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) uploading: Uploading,
    #[command(flatten)]
    pub(crate) disks: Disks,
    #[command(flatten)]
    pub(crate) change: Change,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let cancellation = interruption::cancellation()?;
    // What is wrong with the files is said before anything is created.
    let sources = sources(options)?;
    let thumbnail = options.thumbnail.as_deref().map(source::file).transpose()?;
    let session = connect_with(&options.connection, &options.disks)?;
    let location = location(&session, options.location.as_deref())?;
    if options.change.dry_run {
        let target = Target::find(&session, options)?;
        let known = Record::look(&session, &location, options, &sources);
        let what = what(&sources, &location, known.as_ref(), &target)?;
        report::plan(options, &sources, &location, &target, what)?;
        session.close();
        return Ok(ExitCode::SUCCESS);
    }
    let mut record = Record::open(&session, &location, options, &sources);
    if options.uploading.no_resume
        && let Some(record) = record.take()
    {
        take_back(&session, record, &location)?;
    }
    let target = Target::find(&session, options)?;
    let quiet = options.change.report.is_for_programs();
    let control = UploadControl::new();
    pausing::by_signals(&control, move |text| {
        if !quiet {
            output::note(text);
        }
    })?;
    // From here on signals are obeyed, so only now is said that it publishes.
    let known = record.as_ref().and_then(Record::known);
    let what = what(&sources, &location, known, &target)?;
    let display = Display::start(&format!("publishing {what}"), quiet);
    let publication = begin(
        &session,
        options,
        target,
        &sources,
        record.as_mut(),
        &location,
    )?;
    let complete = || {
        publication.add_thumbnail(thumbnail.as_deref())?;
        let upload = options.uploading.options();
        let (transfer, upload) = display.upload_options(&cancellation, &control, upload);
        publication.add_to(&location, transfer, upload)?;
        if cancellation.is_cancelled() {
            return Err(INTERRUPTED);
        }
        publication.show()
    };
    let outcome = if publication.is_complete()? {
        Ok(())
    } else {
        complete()
    };
    drop(display);
    if let Err(failure) = outcome {
        let is_cancelled = cancellation.is_cancelled();
        return Err(failed(
            &publication,
            &location,
            record,
            failure,
            is_cancelled,
        ));
    }
    if let Some(record) = record {
        record.remove();
    }
    report::tell(options, &publication, &sources, &location)?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// What is to be published, and what is to be said of it.
fn sources(options: &Options) -> Result<Vec<Source>, Failure> {
    let mut sources = Source::find_all(
        &options.paths,
        options.frames.as_ref(),
        options.whole_sequences,
    )?;
    if !options.single_files {
        sources = Source::gathered(sources)?;
    }
    if !options.change.report.is_for_programs() {
        for remark in sources.iter().flat_map(Source::remarks) {
            output::note(&remark);
        }
    }
    Ok(sources)
}

/// What is published, where to and as what, in words.
fn what(
    sources: &[Source],
    location: &Location,
    known: Option<&Known>,
    target: &Target,
) -> Result<String> {
    let target = match known {
        Some(_) => "the version that an earlier command began".to_owned(),
        None => target.described()?,
    };
    Ok(format!(
        "{} to {} as {target}",
        source::described(sources),
        report::place(location)?
    ))
}

/// What an earlier command began, if it was the same; else a new publication.
fn begin(
    session: &Session,
    options: &Options,
    mut target: Target,
    sources: &[Source],
    record: Option<&mut Record>,
    location: &Location,
) -> Result<Publication, Failure> {
    let Some(record) = record else {
        return Publication::begin(session, &target, options, sources);
    };
    if let Some(known) = record.known().cloned() {
        match Publication::find(session, &known)? {
            Some(found) if record.is_of_these_files(&known) => {
                found.place(sources)?;
                return Ok(found);
            }
            Some(found) => {
                output::note(
                    "the files have changed since an earlier command began, starting anew",
                );
                found.withdraw(location);
                // The asset may have gone with it.
                target = Target::find(session, options)?;
            }
            None => output::note("what an earlier command began is gone, starting anew"),
        }
    }
    let publication = Publication::begin(session, &target, options, sources)?;
    record.write(&publication.known(record.files()));
    Ok(publication)
}

/// Takes back what an earlier command left.
fn take_back(session: &Session, record: Record, location: &Location) -> Result<(), Failure> {
    if let Some(known) = record.known()
        && let Some(found) = Publication::find(session, known)?
        && !found.is_complete()?
    {
        found.withdraw(location);
    }
    record.remove();
    Ok(())
}

/// Takes everything back, unless the same command can go on with it.
fn failed(
    publication: &Publication,
    location: &Location,
    record: Option<Record>,
    failure: Failure,
    is_cancelled: bool,
) -> Failure {
    if record.is_some() && can_go_on(&failure) {
        if is_cancelled {
            return INTERRUPTED_FOR_NOW;
        }
        output::note(
            "the same command goes on with what was sent; with --no-resume it is taken back",
        );
        return failure;
    }
    publication.withdraw(location);
    if let Some(record) = record {
        record.remove();
    }
    if is_cancelled { INTERRUPTED } else { failure }
}

/// Whether what was sent is kept.
fn can_go_on(failure: &Failure) -> bool {
    let error = match failure {
        Failure::Session(error) => error,
        // All files are there; only the version does not show yet.
        Failure::Interrupted(_) => return true,
        _ => return false,
    };
    error
        .details()
        .get("resumable")
        .is_some_and(|resumable| resumable == true)
        || error.is(ErrorKind::CommitOutcomeUnknown)
        // Nothing could be taken back either.
        || error.is(ErrorKind::Connection)
}

/// The location to publish to.
fn location(session: &Session, name: Option<&str>) -> Result<Location, Failure> {
    let location = match name {
        Some(name) => Some(session.location(name)?),
        None => session.pick_location()?,
    };
    let location = location
        .ok_or_else(|| Failure::Unusable("no location can be used from here".to_owned()))?;
    match location.accessor() {
        Some(_) => Ok(location),
        None => Err(unreachable_from_here(&location)?),
    }
}

/// The text of a path from the root, as locations keep it.
fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)
        .map_err(|error| Failure::Unusable(format!("{}: {error}", path.display())))?;
    let text = absolute.into_os_string().into_string();
    text.map_err(|path| Failure::Unusable(format!("the path {} is not Unicode", path.display())))
}
