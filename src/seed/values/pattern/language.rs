//! All texts of an expression, in order: how many there are, and which is the n-th.
//!
//! The expression becomes a non-deterministic automaton (Thompson, 1968), that a deterministic one by the subset construction
//! (Rabin and Scott, 1959), in which every text has exactly one path. Repetitions are bounded, so there are no circles, and the
//! texts from each state on can be counted from the end.

use std::collections::HashMap;

use crate::seed::rng::Stream;

use super::node::{Node, put_char};

/// Texts are numbered up to here; a state with more says so many, and leaves the choice among its next characters to chance.
const MOST: u64 = 1 << 63;

/// Beyond so many states an expression takes seconds to count.
const MOST_STATES: usize = 50_000;

/// A numbered set of texts.
#[derive(Debug, Clone)]
pub struct Language {
    states: Box<[State]>,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// A text may end here.
    ends: bool,
    next: Box<[Step]>,
    /// Texts from here on, at most [`MOST`].
    texts: u64,
    /// Characters that lead to states with [`MOST`] texts.
    wide: u64,
}

/// The characters from `first` to `last` lead to a state.
#[derive(Debug, Clone, Copy)]
struct Step {
    first: u32,
    last: u32,
    to: u32,
}

impl Step {
    fn width(&self) -> u64 {
        u64::from(self.last - self.first) + 1
    }
}

impl Language {
    /// `None`: too large.
    pub(super) fn new(root: &Node) -> Option<Language> {
        let mut automaton = Automaton::default();
        let start = automaton.state()?;
        let end = automaton.lay(root, start)?;
        let mut states = subsets(&automaton, start, end)?;
        count(&mut states);
        Some(Language { states: states.into() })
    }

    /// How many different texts there are, at most 2^63.
    pub fn size(&self) -> u64 {
        self.states[0].texts
    }

    /// Appends the text with a number below [`Language::size`]. Two numbers give two texts, whatever the streams; of a language with
    /// more texts than numbers the stream says which one.
    pub fn append(&self, number: u64, stream: &mut Stream, out: &mut Vec<u8>) {
        let mut number = u128::from(number);
        let mut state = &self.states[0];
        loop {
            let step =
                if state.wide > 0 { self.wide_step(state, stream) } else { self.numbered_step(state, &mut number, stream) };
            let Some((char, to)) = step else { return };
            put_char(char, out);
            state = &self.states[to as usize];
        }
    }

    /// Any of the characters behind which every number still has a text.
    fn wide_step(&self, state: &State, stream: &mut Stream) -> Option<(u32, u32)> {
        let mut pick = stream.below(state.wide);
        for step in state.next.iter().filter(|step| self.states[step.to as usize].texts == MOST) {
            if pick < step.width() {
                return Some((step.first + pick as u32, step.to));
            }
            pick -= step.width();
        }
        None
    }

    /// The character in whose share of the texts the number lies, which becomes the number within that share.
    fn numbered_step(&self, state: &State, number: &mut u128, stream: &mut Stream) -> Option<(u32, u32)> {
        let sum = self.sum(state);
        // More texts than numbers: each number stands for as many texts as the others.
        let each = u64::try_from(sum / u128::from(state.texts)).unwrap_or(u64::MAX);
        *number = *number * u128::from(each) + u128::from(stream.below(each));
        if state.ends {
            if *number == 0 {
                return None;
            }
            *number -= 1;
        }
        for step in &state.next {
            let texts = u128::from(self.states[step.to as usize].texts);
            let share = texts * u128::from(step.width());
            if *number < share {
                let char = (*number / texts) as u32;
                *number %= texts;
                return Some((step.first + char, step.to));
            }
            *number -= share;
        }
        None
    }

    fn sum(&self, state: &State) -> u128 {
        let shares = state.next.iter().map(|step| u128::from(self.states[step.to as usize].texts) * u128::from(step.width()));
        shares.sum::<u128>() + u128::from(state.ends)
    }
}

/// States with the characters that lead on, and with moves that take none.
#[derive(Default)]
struct Automaton {
    steps: Vec<Vec<Step>>,
    free: Vec<Vec<u32>>,
}

impl Automaton {
    fn state(&mut self) -> Option<u32> {
        self.steps.push(Vec::new());
        self.free.push(Vec::new());
        (self.steps.len() <= MOST_STATES).then_some(self.steps.len() as u32 - 1)
    }

    fn step(&mut self, from: u32, runs: &[(u32, u32)]) -> Option<u32> {
        let to = self.state()?;
        self.steps[from as usize].extend(runs.iter().map(|(first, last)| Step { first: *first, last: *last, to }));
        Some(to)
    }

    /// Lays the expression from a state on; the state in which it ends.
    fn lay(&mut self, node: &Node, from: u32) -> Option<u32> {
        match node {
            Node::Text(text) => text.chars().try_fold(from, |at, char| self.step(at, &[(char as u32, char as u32)])),
            Node::Class(chars) => self.step(from, &chars.runs),
            Node::Sequence(parts) => parts.iter().try_fold(from, |at, part| self.lay(part, at)),
            Node::Either(parts) => {
                let end = self.state()?;
                for part in parts {
                    let begin = self.state()?;
                    self.free[from as usize].push(begin);
                    let last = self.lay(part, begin)?;
                    self.free[last as usize].push(end);
                }
                Some(end)
            }
            Node::Repeat { node, min, max } => {
                let mut at = (0..*min).try_fold(from, |at, _| self.lay(node, at))?;
                let end = self.state()?;
                for _ in *min..*max {
                    self.free[at as usize].push(end);
                    let begin = self.state()?;
                    self.free[at as usize].push(begin);
                    at = self.lay(node, begin)?;
                }
                self.free[at as usize].push(end);
                Some(end)
            }
        }
    }

    /// The states and all that are reached from them without a character, in order.
    fn closed(&self, mut states: Vec<u32>) -> Vec<u32> {
        let mut seen = 0;
        let mut known: std::collections::HashSet<u32> = states.iter().copied().collect();
        while let Some(state) = states.get(seen).copied() {
            seen += 1;
            states.extend(self.free[state as usize].iter().filter(|next| known.insert(**next)));
        }
        states.sort_unstable();
        states
    }
}

fn subsets(automaton: &Automaton, start: u32, end: u32) -> Option<Vec<State>> {
    let first = automaton.closed(vec![start]);
    let mut numbers = HashMap::from([(first.clone(), 0_u32)]);
    let mut sets = vec![first];
    let mut states: Vec<State> = Vec::new();
    while let Some(set) = sets.get(states.len()).cloned() {
        let mut steps: Vec<Step> = set.iter().flat_map(|state| automaton.steps[*state as usize].iter().copied()).collect();
        steps.sort_unstable_by_key(|step| (step.first, step.last, step.to));
        let mut next: Vec<Step> = Vec::new();
        for (first, last) in intervals(&steps) {
            let mut targets: Vec<u32> =
                steps.iter().filter(|step| step.first <= first && last <= step.last).map(|step| step.to).collect();
            if targets.is_empty() {
                continue;
            }
            targets.sort_unstable();
            targets.dedup();
            let target = automaton.closed(targets);
            let to = match numbers.get(&target) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(sets.len()).ok().filter(|number| (*number as usize) < MOST_STATES)?;
                    numbers.insert(target.clone(), number);
                    sets.push(target);
                    number
                }
            };
            match next.last_mut() {
                Some(before) if before.to == to && before.last + 1 == first => before.last = last,
                _ => next.push(Step { first, last, to }),
            }
        }
        states.push(State { ends: set.binary_search(&end).is_ok(), next: next.into(), ..State::default() });
    }
    Some(states)
}

/// The runs of characters between the places where any step begins or ends.
fn intervals(steps: &[Step]) -> Vec<(u32, u32)> {
    let mut cuts: Vec<u32> = steps.iter().flat_map(|step| [step.first, step.last + 1]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| (pair[0], pair[1] - 1)).collect()
}

/// Counts the texts of every state, those it leads to first.
fn count(states: &mut [State]) {
    let mut done = vec![false; states.len()];
    let mut path = vec![(0_usize, 0_usize)];
    while let Some((state, at)) = path.pop() {
        match states[state].next.get(at) {
            Some(step) => {
                path.push((state, at + 1));
                if !done[step.to as usize] {
                    path.push((step.to as usize, 0));
                }
            }
            None if !done[state] => {
                let of = |step: &Step| states[step.to as usize].texts;
                let sum: u128 = states[state].next.iter().map(|step| u128::from(of(step)) * u128::from(step.width())).sum();
                let wide = states[state].next.iter().filter(|step| of(step) == MOST).map(Step::width).sum();
                let sum = sum + u128::from(states[state].ends);
                states[state].texts = u64::try_from(sum).map_or(MOST, |sum| sum.min(MOST));
                states[state].wide = wide;
                done[state] = true;
            }
            None => {}
        }
    }
}
