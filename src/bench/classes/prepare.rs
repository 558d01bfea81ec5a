//! The parameters of each class, found on the database.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::db::value::oid;
use crate::db::{DbError, Prepared, TableName, Value};
use crate::report::model::Effect;
use crate::scenario::model::Pick;

use super::super::draw::{Draws, LOAD_ROWS};
use super::super::session::Session;
use super::super::workload::Workload;
use super::Class;
use super::children::{Parent, parents};
use super::missing::missing_rows;
use super::weigh::{LONGEST, Weighed, weigh, weigh_sample};

/// Rows for each of `typical` and `heaviest` where a row serves once: enough for a p95.
const ROWS_ONCE: usize = 24;

/// The classes of one endpoint.
pub struct EndpointClasses {
    pub classes: Vec<ClassDraws>,
    /// Sentences on classes that could not be had.
    pub notes: Vec<String>,
    /// Rows that the sample query returns, kept or not.
    pub population: u64,
    /// The parameters with the most work, where rows behind them were counted.
    pub most_children: Option<(i64, TableName)>,
    /// The most work as a multiple of the median's.
    pub heaviness: Option<f64>,
}

/// One class's parameters.
pub struct ClassDraws {
    pub class: Class,
    /// As a report has it.
    pub name: String,
    /// Whether the scenario chooses in this way.
    pub own: bool,
    pub draws: Draws,
    /// The parameters, where all calls have the same.
    pub parameters: Option<String>,
    /// Rows that other classes need and this one must not use up.
    pub spared: Vec<Vec<Value>>,
}

/// What becomes of calls that `statement_timeout` ends while their work is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// They cannot be timed.
    LeftOut,
    /// Nothing is heavier than what does not end.
    Heaviest,
}

/// Finds the parameters of the wanted classes that make sense for the endpoint.
///
/// # Errors
/// When the connection is lost.
pub async fn prepare(
    session: &mut Session,
    workload: &Workload,
    place: usize,
    sample: &str,
    (wanted, stopped): (&[Class], Stopped),
) -> Result<EndpointClasses, DbError> {
    let draws = &workload.endpoints[place].draws;
    let described = session.connection().prepare(sample).await?;
    let population = if draws.rows() < LOAD_ROWS { draws.rows() as u64 } else { counted(session, sample).await? };
    let mut found =
        EndpointClasses { classes: picked(draws, wanted), notes: Vec::new(), population, most_children: None, heaviness: None };
    if wanted.contains(&Class::Typical) || wanted.contains(&Class::Heaviest) {
        let weighed = add_weighed(&mut found, session, workload, place, (sample, &described), (wanted, stopped)).await;
        if let Err(error) = weighed {
            // A server that does not answer such questions can be timed all the same.
            let Some(message) = error.server_message() else { return Err(error) };
            found.notes.push(format!("Which parameters are typical and which the heaviest cannot be told: {message}."));
        }
    }
    if wanted.contains(&Class::Missing) && workload.endpoints[place].effect == Effect::Reads {
        match missing_rows(sample, draws.sampled(), &described, session.connection()).await? {
            Ok(rows) => {
                let draws = draws.with_rows(rows.iter().map(Vec::as_slice));
                found.classes.push(ClassDraws::new(Class::Missing, "missing", draws));
            }
            Err(why) => found.notes.push(format!("Parameters that no row has could not be made: {why}.")),
        }
    }
    Ok(found)
}

impl ClassDraws {
    fn new(class: Class, name: &str, draws: Draws) -> ClassDraws {
        ClassDraws { class, name: name.to_owned(), own: false, draws, parameters: None, spared: Vec::new() }
    }
}

async fn counted(session: &mut Session, sample: &str) -> Result<u64, DbError> {
    let (rows,): (i64,) = session.connection().row(&format!("SELECT count(*) FROM ({sample}\n) AS s")).await?;
    Ok(rows.max(0) as u64)
}

/// The classes that choose among the sampled rows. What serves once is chosen in one way only.
fn picked(draws: &Draws, wanted: &[Class]) -> Vec<ClassDraws> {
    let own = draws.pick();
    let mut classes: Vec<ClassDraws> = Vec::new();
    for (_, class) in Class::ALL.into_iter().filter(|(_, class)| wanted.contains(class)) {
        let Some(pick) = class.pick(own) else { continue };
        let known = classes.iter().any(|known| known.draws.pick() == &pick);
        if known || (draws.serves_once() && !classes.is_empty()) {
            continue;
        }
        let name = if draws.serves_once() { "uniform".to_owned() } else { name_of(&pick) };
        let is_own = draws.serves_once() || &pick == own;
        classes.push(ClassDraws { own: is_own, ..ClassDraws::new(class, &name, draws.with_pick(&pick)) });
    }
    classes
}

/// A way to pick in the words of the scenario's language.
fn name_of(pick: &Pick) -> String {
    match pick {
        Pick::Uniform => "uniform".into(),
        Pick::Zipf { exponent } => format!("zipf {exponent}"),
        Pick::Lognormal { sigma } => format!("lognormal {sigma}"),
        Pick::Pareto { shape } => format!("pareto {shape}"),
        Pick::Classes(_) => "classes".into(),
        Pick::Weights(_) => "weights".into(),
        Pick::Repeat(different) => format!("repeat {different}"),
    }
}

/// `typical` and `heaviest`: work is counted for a sample of the parameters and for those that many rows belong to.
async fn add_weighed(
    found: &mut EndpointClasses,
    session: &mut Session,
    workload: &Workload,
    place: usize,
    (sample, described): (&str, &Prepared),
    (wanted, stopped): (&[Class], Stopped),
) -> Result<(), DbError> {
    let endpoint = &workload.endpoints[place];
    let counts = |one: &Weighed| stopped == Stopped::Heaviest || !one.stopped;
    let mut weighed = weigh_sample(session, workload, place).await?;
    weighed.retain(counts);
    let Some(median) = weighed.get(weighed.len() / 2).cloned() else {
        found.notes.push("No call with sampled parameters succeeded, so none of them is typical or heaviest.".into());
        return Ok(());
    };
    if weighed.iter().all(|one| one.work == 0) {
        let why = "calls touch no table, or the server does not count (track_counts)";
        found.notes.push(format!("Which parameters are typical and which the heaviest cannot be told: {why}."));
        return Ok(());
    }
    let touched: BTreeSet<u32> = weighed.iter().flat_map(|one| one.tables.iter().copied()).collect();
    let parents = parents(endpoint, sample, described, &touched, session.connection()).await?;
    let mut heavy = weighed.clone();
    let started = Instant::now();
    for parent in parents.iter().take_while(|_| started.elapsed() < LONGEST) {
        if heavy.iter().all(|known| known.row != parent.row) {
            heavy.extend(weigh(session, workload, place, parent.row.clone()).await?.filter(counts));
        }
    }
    // Stable, so that of equals the first of the sample stays first.
    heavy.sort_by_key(|one| std::cmp::Reverse((one.stopped, one.work)));
    found.heaviness = (median.work > 0).then(|| heavy[0].work as f64 / median.work as f64);
    found.most_children = children_of(&heavy[0], &parents);
    let count = if endpoint.draws.serves_once() { ROWS_ONCE.min(weighed.len() / 3) } else { 1 };
    let heaviest: Vec<Weighed> = heavy.into_iter().take(count).collect();
    // Around the median, without those that are taken.
    let mut ordinary: Vec<&Weighed> = weighed.iter().filter(|one| count == 1 || !heaviest.contains(one)).collect();
    ordinary.sort_by_key(|one| (one.work - median.work).abs());
    let typical: Vec<Weighed> = ordinary.into_iter().take(count).cloned().collect();
    for class in &mut found.classes {
        if endpoint.draws.serves_once() {
            class.spared = typical.iter().chain(&heaviest).map(|one| one.row.clone()).collect();
        }
    }
    for (class, name, rows) in [(Class::Typical, "typical", typical), (Class::Heaviest, "heaviest", heaviest)] {
        if wanted.contains(&class) && !rows.is_empty() {
            let draws = endpoint.draws.with_rows(rows.iter().map(|one| one.row.as_slice()));
            let parameters = if rows.len() == 1 { Some(in_words(&rows[0].row, &draws, session).await?) } else { None };
            found.classes.push(ClassDraws { parameters, ..ClassDraws::new(class, name, draws) });
        }
    }
    Ok(())
}

fn children_of(heaviest: &Weighed, parents: &[Parent]) -> Option<(i64, TableName)> {
    let most = parents.iter().filter(|parent| parent.row == heaviest.row).max_by_key(|parent| parent.children)?;
    Some((most.children, most.table.clone()))
}

/// `playlist_id 1702, position 3`
async fn in_words(row: &[Value], draws: &Draws, session: &mut Session) -> Result<String, DbError> {
    let mut named: Vec<String> = Vec::new();
    // What a statement takes as text has been cast on the server already; a type nobody made a text of yet is unknown to it.
    let values: Vec<Value> = row
        .iter()
        .map(|value| if value.oid == oid::UNKNOWN { Value { oid: oid::TEXT, ..value.clone() } } else { value.clone() })
        .collect();
    let texts = session.connection().texts(&values).await?;
    for (slot, text) in draws.sampled().iter().zip(texts) {
        let said = format!("{} {text}", slot.name);
        if !named.contains(&said) {
            named.push(said);
        }
    }
    Ok(named.join(", "))
}
