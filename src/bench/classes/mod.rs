//! Endpoints under different choices of their parameters: any row, a few over and over, the ordinary one, the heaviest, none at all.
//!
//! `prepare` finds the parameters of each class on the database, `measure` times the classes in turn, and `reuse` says what a
//! cache could answer of what each class asks for.

mod cache;
mod children;
mod measure;
mod missing;
mod notes;
mod prepare;
mod reuse;
mod weigh;

use crate::bench::rounds::{Progress, TimeBox};
use crate::db::{DbError, Target};
use crate::report::model::Classes;
use crate::scenario::model::{Pick, Scenario};

use super::draw::Draw;
use super::live::Stop;
use super::session::Session;
use super::workload::Workload;
use prepare::Stopped;

/// A way to choose parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The scenario's own `pick`.
    Own,
    Uniform,
    /// With the exponent 1.1, near what is seen of the popularity of pages and songs.
    Zipf,
    /// Eleven rows in turn: the few identifiers that a hand-written benchmark goes round in.
    Repeat,
    /// The row whose call makes the median work.
    Typical,
    /// The row whose call makes the most work.
    Heaviest,
    /// Rows that are not there.
    Missing,
}

impl Class {
    /// In the order of the tables, with the word for each on the command line.
    pub const ALL: [(&'static str, Class); 7] = [
        ("own", Class::Own),
        ("uniform", Class::Uniform),
        ("zipf", Class::Zipf),
        ("repeat", Class::Repeat),
        ("typical", Class::Typical),
        ("heaviest", Class::Heaviest),
        ("missing", Class::Missing),
    ];

    /// Those with rows of their own, which stand for what a statement meets.
    pub const WITH_ROWS: [Class; 3] = [Class::Typical, Class::Heaviest, Class::Missing];

    /// How the class chooses among the sampled rows; `None` for those with rows of their own.
    fn pick(self, own: &Pick) -> Option<Pick> {
        match self {
            Class::Own => Some(own.clone()),
            Class::Uniform => Some(Pick::Uniform),
            Class::Zipf => Some(Pick::Zipf { exponent: 1.1 }),
            Class::Repeat => Some(Pick::Repeat(11)),
            Class::Typical | Class::Heaviest | Class::Missing => None,
        }
    }
}

/// Times every endpoint that has sampled parameters under each of the classes that make sense for it, in rounds over all of them in
/// random order, on a database that may be worn out by it. By endpoint; `None` where nothing is sampled. Told to stop, it ends with
/// what it has.
///
/// # Errors
/// When the connection is lost.
pub async fn run(
    scenario: &Scenario,
    workload: &Workload,
    target: &Target,
    wanted: &[Class],
    (time, stop): (TimeBox, &Stop),
    progress: Progress<'_>,
) -> Result<Vec<Option<Classes>>, DbError> {
    let mut session = Session::open(target, workload).await?;
    let mut prepared = Vec::new();
    for (place, endpoint) in scenario.endpoints.iter().enumerate() {
        prepared.push(match &endpoint.params.sample {
            Some(sample) if workload.endpoints[place].draws.rows() > 0 && !stop.asked() => {
                Some(prepare::prepare(&mut session, workload, place, &sample.value, (wanted, Stopped::LeftOut)).await?)
            }
            _ => None,
        });
    }
    let measured = measure::measure(&mut session, workload, &prepared, (time, stop), progress).await?;
    session.close().await;
    let results = prepared.iter().zip(measured).zip(&workload.endpoints);
    Ok(results.map(|((prepared, classes), endpoint)| Some(notes::classes(prepared.as_ref()?, classes, endpoint))).collect())
}

/// One call of a class.
#[derive(Debug, Clone)]
pub struct ClassCall {
    pub class: Class,
    /// `typical`, `zipf 1.1`
    pub name: String,
    pub draw: Draw,
}

/// The first call of each class that makes sense for an endpoint with this sample query, in the order of [`Class::ALL`], and sentences
/// on classes that could not be had. A call that the session's `statement_timeout` ends counts as heavier than all that end by themselves.
///
/// # Errors
/// When the connection is lost.
pub async fn calls(
    session: &mut Session,
    workload: &Workload,
    place: usize,
    sample: &str,
    wanted: &[Class],
) -> Result<(Vec<ClassCall>, Vec<String>), DbError> {
    let found = prepare::prepare(session, workload, place, sample, (wanted, Stopped::Heaviest)).await?;
    let call = |class: &prepare::ClassDraws| {
        Some(ClassCall { class: class.class, name: class.name.clone(), draw: class.draws.draw(0)? })
    };
    Ok((found.classes.iter().filter_map(call).collect(), found.notes))
}
