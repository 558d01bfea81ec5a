//! `--base-ref`: the scenario of another commit, with its own rows where it needs them, beside ours.

use std::path::PathBuf;

use anyhow::Context;

use crate::bench::workload::Workload;
use crate::cli::args::CiCommand;
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::cli::worktree::{Repository, Worktree};
use crate::cli::{amount, seeding};
use crate::db::catalog::Catalog;
use crate::db::{Connection, Lab, Target, read_catalog};
use crate::gate::align::{Aligned, align};
use crate::gate::comparable::{Rows, rows, rows_seen};
use crate::report::model::ci::Against;
use crate::scenario::load;
use crate::scenario::model::Scenario;
use crate::seed;

use super::Here;

/// A commit checked out.
pub struct Base {
    against: Against,
    /// Why there is no scenario, in words.
    scenario: Result<Scenario, String>,
    worktree: Worktree,
}

/// The other commit with its rows and its statements.
pub struct Beside {
    /// Its own rows; `None` where they are ours.
    pub laboratory: Option<Laboratory>,
    pub aligned: Aligned,
    pub catalog: Catalog,
    /// Files that its rows come from are read from here.
    _worktree: Worktree,
}

/// What became of the other commit.
pub enum Opened {
    Beside(Box<Beside>),
    /// There is nothing to compare, which is fine; the sentence says why.
    Nothing(String),
    /// The two cannot be compared, so nobody can tell; the sentence says why.
    Incomparable(String),
}

impl Base {
    /// # Errors
    /// When the scenario is in no repository, or the reference is none.
    pub fn check_out(reference: &str, args: &CiCommand, repository: Option<&Repository>) -> anyhow::Result<Base> {
        let file = &args.scenario.scenario;
        anyhow::ensure!(file.exists(), "there is no scenario `{}`", file.display());
        let repository = repository.with_context(|| {
            format!("--base-ref needs git and a repository, and {} is in none; --baseline FILE does without", file.display())
        })?;
        let commit = repository.base(reference)?;
        let relative: PathBuf = repository.relative(file).context("the scenario is not in the repository it seemed to be in")?;
        let worktree = repository.check_out(&commit)?;
        let there = worktree.path(&relative);
        let scenario = match there.exists() {
            false => Err(format!(
                "{} is not in {reference}: all of it is new, and there is nothing to hold it against.",
                relative.display()
            )),
            true => load(&there).map_err(|error| format!("{} of {reference} cannot be read: {error}", relative.display())),
        };
        Ok(Base { against: Against { name: reference.to_owned(), commit: Some(commit) }, scenario, worktree })
    }

    pub fn against(&self) -> &Against {
        &self.against
    }

    /// Makes its rows where they are not ours, and binds its statements. What does not fit is left out; the notes say so.
    ///
    /// # Errors
    /// When its rows cannot be made, or the server fails.
    pub async fn open(self, here: &mut Here<'_>, notes: &mut Vec<String>) -> anyhow::Result<Opened> {
        let Base { against, scenario, worktree } = self;
        let name = &against.name;
        let scenario = match scenario {
            Ok(scenario) => scenario,
            Err(why) => return Ok(Opened::Nothing(why)),
        };
        if scenario.server != here.laboratory.scenario.server {
            notes.push("Both sides ran with the `server:` settings of here, which are not those of the other commit.".into());
        }
        let lab_name = format!("{}__base", here.laboratory.scenario.name);
        let mut laboratory = here.laboratory.beside(scenario, &lab_name).await?;
        let same_rows =
            fingerprint(&here.laboratory, here.args, here.console)? == fingerprint(&laboratory, here.args, here.console)?;
        if same_rows && laboratory.scenario.source.text == here.laboratory.scenario.source.text && !here.args.measure_anyway {
            laboratory.lab.close().await;
            return Ok(Opened::Nothing(format!(
                "Scenario, schema and files are those of {}: nothing that the database sees has changed, so nothing was compared.",
                against.described()
            )));
        }
        if !same_rows {
            here.console.note(format!("making the rows of {name} beside"));
            let context = || format!("the rows of {name} cannot be made");
            let seeded = seeding::ensure_seeded(&mut laboratory, &here.args.seed, here.console).await.with_context(context)?;
            match rows(&rows_seen(&seeded), &here.rows) {
                Rows::Same => {}
                Rows::OtherValues => notes.push(other_values(name)),
                Rows::OtherCounts(said) => {
                    laboratory.lab.close().await;
                    return Ok(Opened::Incomparable(format!(
                        "The rows are others than those of {name} ({said}), so that work and times cannot be compared. Land the change of \
                         `data:` by itself; what comes after is compared again."
                    )));
                }
            }
        }
        let target = if same_rows { here.laboratory.lab.target() } else { laboratory.lab.target() };
        let (aligned, catalog) = bound(&target, &laboratory.scenario, here, notes, name).await?;
        let laboratory = if same_rows {
            laboratory.lab.close().await;
            None
        } else {
            Some(laboratory)
        };
        Ok(Opened::Beside(Box::new(Beside { laboratory, aligned, catalog, _worktree: worktree })))
    }
}

impl Beside {
    pub async fn close(self) {
        if let Some(laboratory) = self.laboratory {
            laboratory.lab.close().await;
        }
    }
}

/// Where the other side's rows are: its own, or ours.
pub fn lab_of<'l>(own: &'l mut Option<Laboratory>, ours: &'l mut Lab) -> &'l mut Lab {
    own.as_mut().map_or(ours, |laboratory| &mut laboratory.lab)
}

fn other_values(name: &str) -> String {
    format!(
        "There are as many rows as in {name}, but not the very same: a column more, or values of another distribution. What grew may \
         come from there."
    )
}

/// What decides the rows of a scenario; `None` where it has none of its own.
fn fingerprint(laboratory: &Laboratory, args: &CiCommand, console: &Console) -> anyhow::Result<Option<String>> {
    if laboratory.scenario.data.is_none() {
        return Ok(None);
    }
    let (data, schema) = seeding::sources(laboratory, &args.seed)?;
    let scale = amount::scale(&args.seed, &data, console)?;
    let content = seed::content_digest(&data).context("the files that rows come from cannot be read")?;
    Ok(Some(seeding::fingerprint(&data, &schema, scale, &content)))
}

async fn bound(
    target: &Target,
    scenario: &Scenario,
    here: &Here<'_>,
    notes: &mut Vec<String>,
    name: &str,
) -> anyhow::Result<(Aligned, Catalog)> {
    let mut connection = Connection::open(target).await?;
    let catalog = read_catalog(&mut connection).await?;
    let (workload, left_out) = Workload::bind_what_fits(scenario, &mut connection).await?;
    connection.close().await;
    let refused = left_out.iter().map(|one| {
        let why = one.problems.first().map(|problem| problem.message.as_str()).unwrap_or_default();
        format!("{} of {name} does not work there ({why}), so there is nothing to hold it against.", one.label)
    });
    notes.extend(refused);
    let aligned = align(workload, &here.bound.workload);
    let new = aligned.new.iter().filter(|label| !left_out.iter().any(|one| one.label == **label));
    notes.extend(new.map(|label| format!("{label} is new: there is nothing to hold it against.")));
    notes.extend(aligned.gone.iter().map(|label| format!("{label} is in {name} and not here any more.")));
    notes.extend(
        aligned
            .other_parameters
            .iter()
            .map(|label| format!("{label} asks for other parameters than in {name}: its calls are not the same.")),
    );
    Ok((aligned, catalog))
}
