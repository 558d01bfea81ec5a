//! Shapes: how many children parents have, and which rows are chosen how often.

use std::ops::RangeInclusive;

/// Children per parent. The mean is given by the row counts of both tables; the shape by this.
#[derive(Debug, Clone, PartialEq)]
pub enum Fanout {
    /// `fanout: even`: as equal as whole numbers allow. With as many children as parents: exactly one each.
    Even,
    /// `fanout: 1-5`
    Range(RangeInclusive<u64>),
    /// `fanout: {lognormal: {sigma: 0.8, min: 5, max: 250}}`
    Lognormal { sigma: f64, min: u64, max: Option<u64> },
    /// `fanout: poisson`
    Poisson,
    /// `fanout: {zipf: 1.1}`: the parent of rank r gets a share proportional to 1 / r^s; ranks are scattered over the rows.
    Zipf { exponent: f64 },
    /// `fanout: {classes: {1%: 20-30, rest: 1-5}}`: shares sum to 1 (`rest` is filled in).
    Classes(Vec<FanoutClass>),
}

/// A share of the parents and how many children each of them has.
#[derive(Debug, Clone, PartialEq)]
pub struct FanoutClass {
    /// 0 to 1.
    pub share: f64,
    pub children: RangeInclusive<u64>,
}

/// How one of n rows is chosen: for foreign keys (`pick:` of a column) and for parameters (`pick:` of an endpoint).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Pick {
    #[default]
    Uniform,
    /// `pick: {zipf: 1.05}`: the row of rank r is chosen with a probability proportional to 1 / r^s; ranks are scattered.
    Zipf { exponent: f64 },
    /// `pick: {weights: [8, 1]}`: by row number; as many weights as rows.
    Weights(Vec<f64>),
    /// `pick: {repeat: 11}`: only this many different rows, in turn.
    Repeat(u64),
}
