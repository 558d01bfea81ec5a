//! `when:`, whether a step runs.

mod parse;
mod token;

use std::fmt;

use super::error::Fault;
use super::model::Comparison;
use super::statement::ParamRef;

/// A condition over the parameters of a call and the results of its earlier steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `position is empty`: the step returned no row (or did not run).
    Empty { step: String },
    /// `position is not empty`
    NotEmpty { step: String },
    /// `mood.mood is null`: no row, or NULL in its first row.
    Null { step: String, column: String },
    /// `mood.mood is not null`
    NotNull { step: String, column: String },
    /// `user.wallet >= :total`; neither true nor false when a side is NULL, as in SQL.
    Compare { left: Operand, relation: Relation, right: Operand },
    /// `not a`
    Not(Box<Condition>),
    /// `a and b`
    All(Vec<Condition>),
    /// `a or b`
    Any(Vec<Condition>),
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// `item.stock`, of the step's first row, or of the row at hand when the step is the `for_each` of this one.
    Column { step: String, column: String },
    /// `:total`
    Param(String),
    /// `3`, `-0.5`, as written.
    Number(String),
    /// `'HAPPY'`
    Text(String),
    /// `true` or `false`
    Bool(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Equal,
    Unequal,
    /// `<`, `<=`, `>` or `>=`
    Ordered(Comparison),
}

impl Condition {
    /// Reads `STEP is [not] empty`, `STEP.COLUMN is [not] null` and comparisons, joined by `and`, `or`, `not` and parentheses.
    ///
    /// # Errors
    /// When a part is none of these, with the form it resembles most.
    pub fn parse(text: &str) -> Result<Condition, Fault> {
        parse::condition(text)
    }

    /// Every step the condition asks about.
    pub fn steps(&self) -> Vec<&str> {
        match self {
            Condition::Empty { step } | Condition::NotEmpty { step } => vec![step],
            Condition::Null { step, .. } | Condition::NotNull { step, .. } => vec![step],
            Condition::Compare { left, right, .. } => [left, right].into_iter().filter_map(Operand::step).collect(),
            Condition::Not(part) => part.steps(),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(Condition::steps).collect(),
        }
    }

    /// Every parameter of the call that it compares.
    pub fn params(&self) -> Vec<ParamRef> {
        match self {
            Condition::Compare { left, right, .. } => [left, right].into_iter().filter_map(Operand::param).collect(),
            Condition::Not(part) => part.params(),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(Condition::params).collect(),
            _ => Vec::new(),
        }
    }
}

impl Operand {
    fn step(&self) -> Option<&str> {
        if let Operand::Column { step, .. } = self { Some(step) } else { None }
    }

    fn param(&self) -> Option<ParamRef> {
        if let Operand::Param(name) = self { Some(ParamRef { name: name.clone(), field: None }) } else { None }
    }
}

impl Relation {
    pub fn sign(self) -> &'static str {
        match self {
            Relation::Equal => "=",
            Relation::Unequal => "!=",
            Relation::Ordered(comparison) => comparison.sign(),
        }
    }
}

/// As a scenario could have it.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Condition], word: &str| {
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    Condition::All(_) | Condition::Any(_) => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Condition::Empty { step } => write!(f, "{step} is empty"),
            Condition::NotEmpty { step } => write!(f, "{step} is not empty"),
            Condition::Null { step, column } => write!(f, "{step}.{column} is null"),
            Condition::NotNull { step, column } => write!(f, "{step}.{column} is not null"),
            Condition::Compare { left, relation, right } => write!(f, "{left} {} {right}", relation.sign()),
            Condition::Not(part) => write!(f, "not ({part})"),
            Condition::All(parts) => joined(f, parts, "and"),
            Condition::Any(parts) => joined(f, parts, "or"),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Column { step, column } => write!(f, "{step}.{column}"),
            Operand::Param(name) => write!(f, ":{name}"),
            Operand::Number(number) => write!(f, "{number}"),
            Operand::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Operand::Bool(value) => write!(f, "{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step(name: &str) -> String {
        name.to_owned()
    }

    fn column(step: &str, column: &str) -> Operand {
        Operand::Column { step: step.to_owned(), column: column.to_owned() }
    }

    #[test]
    fn reads_each_form() {
        assert_eq!(Condition::parse("position is empty"), Ok(Condition::Empty { step: step("position") }));
        assert_eq!(Condition::parse(" position  IS NOT empty "), Ok(Condition::NotEmpty { step: step("position") }));
        let null = Condition::Null { step: step("mood"), column: step("mood") };
        assert_eq!(Condition::parse("mood.mood is null"), Ok(null.clone()));
        let joined = Condition::parse("mood.mood is null and ad is not empty").expect("a condition");
        assert_eq!(joined, Condition::All(vec![null, Condition::NotEmpty { step: step("ad") }]));
        assert_eq!(joined.steps(), ["mood", "ad"]);
    }

    #[test]
    fn compares_columns_parameters_numbers_and_texts() {
        let compare = |left, relation, right| Ok(Condition::Compare { left, relation, right });
        let at_least = Relation::Ordered(Comparison::AtLeast);
        assert_eq!(
            Condition::parse("item.stock >= item.quantity"),
            compare(column("item", "stock"), at_least, column("item", "quantity"))
        );
        assert_eq!(
            Condition::parse("user.wallet>=:total"),
            compare(column("user", "wallet"), at_least, Operand::Param("total".into()))
        );
        let more = Relation::Ordered(Comparison::Above);
        assert_eq!(Condition::parse("position.n > -3.5"), compare(column("position", "n"), more, Operand::Number("-3.5".into())));
        let happy = Condition::parse("mood.mood = 'it''s, and < \"so\"'");
        assert_eq!(happy, compare(column("mood", "mood"), Relation::Equal, Operand::Text("it's, and < \"so\"".into())));
        assert_eq!(Condition::parse("a.b <> true"), compare(column("a", "b"), Relation::Unequal, Operand::Bool(true)));
        let total = Condition::parse("a.b < :x or a is empty").expect("a condition");
        assert_eq!(total.params().iter().map(ToString::to_string).collect::<Vec<_>>(), [":x"]);
    }

    #[test]
    fn not_binds_tighter_than_and_and_that_tighter_than_or() {
        let printed = |text: &str| Condition::parse(text).expect("a condition").to_string();
        assert_eq!(printed("not a is empty and b is empty or c is empty"), "(not (a is empty) and b is empty) or c is empty");
        assert_eq!(printed("a is empty and (b is empty or c.d = 1)"), "a is empty and (b is empty or c.d = 1)");
        assert_eq!(printed("NOT (a is empty OR b is empty)"), "not (a is empty or b is empty)");
    }

    #[test]
    fn says_what_it_would_have_understood() {
        let fault = |text: &str| Condition::parse(text).unwrap_err();
        assert!(fault("mood is null").message.contains("only a column"));
        assert!(fault("mood.x is empty").message.contains("only a step"));
        assert!(fault("mood.mood == 'x'").help.expect("help").contains("`=`"));
        assert!(fault("mood.mood = HAPPY").help.expect("help").contains("'HAPPY'"));
        assert!(fault("mood = 'x'").help.expect("help").contains("mood.COLUMN"));
        assert!(fault("a.b = null").help.expect("help").contains("a.b is null"));
        assert!(fault("1 < 2").message.contains("always"));
        assert!(fault("(a is empty").message.contains("`)`"));
        assert!(fault("a.b = 'x").message.contains("does not end"));
        for bad in [
            "",
            "mood",
            "mood is",
            "mood is full",
            "a is empty and",
            "a or b is empty",
            "a b is empty",
            "1a is empty",
            "a.b <",
            "()",
        ] {
            assert!(Condition::parse(bad).is_err(), "{bad}");
        }
        let deep = format!("{}a is empty{}", "(".repeat(5000), ")".repeat(5000));
        assert!(fault(&deep).message.contains("deep"));
    }

    fn operand() -> impl Strategy<Value = Operand> {
        prop_oneof![
            ("[a-h]{1,4}", "[a-h]{1,4}").prop_map(|(step, column)| Operand::Column { step, column }),
            "[a-h]{1,4}".prop_map(Operand::Param),
        ]
    }

    fn literal() -> impl Strategy<Value = Operand> {
        prop_oneof![
            "-?[0-9]{1,9}(\\.[0-9]{1,4})?".prop_map(Operand::Number),
            "[a-z' =()]{0,8}".prop_map(Operand::Text),
            any::<bool>().prop_map(Operand::Bool),
            operand(),
        ]
    }

    fn condition() -> impl Strategy<Value = Condition> {
        let relation = prop_oneof![
            Just(Relation::Equal),
            Just(Relation::Unequal),
            (0..4usize).prop_map(|place| Relation::Ordered(Comparison::ALL[place].1)),
        ];
        let leaf = prop_oneof![
            "[a-h]{1,4}".prop_map(|step| Condition::Empty { step }),
            "[a-h]{1,4}".prop_map(|step| Condition::NotEmpty { step }),
            ("[a-h]{1,4}", "[a-h]{1,4}").prop_map(|(step, column)| Condition::Null { step, column }),
            ("[a-h]{1,4}", "[a-h]{1,4}").prop_map(|(step, column)| Condition::NotNull { step, column }),
            (operand(), relation, literal()).prop_map(|(left, relation, right)| Condition::Compare { left, relation, right }),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|part| Condition::Not(Box::new(part))),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::All),
                prop::collection::vec(inner, 2..4).prop_map(Condition::Any),
            ]
        })
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z. ]{0,30}|((a|is|not|null|empty|and|or|a\\.b|\\(|\\)|<|=|:x|'t'|7) ?){0,9}|\\PC{0,20}") {
            let _ = Condition::parse(&text);
        }

        #[test]
        fn what_is_printed_reads_back(condition in condition()) {
            prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition.clone()), "{}", condition);
        }
    }
}
