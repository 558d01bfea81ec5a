//! The conditions of a plan as expression trees.
//!
//! PostgreSQL deparses them fully parenthesised (`((a = 1) AND (lower(b) ~~ 'x%'::text))`), so a small grammar reads them. What
//! the grammar does not know (CASE, window calls …) becomes [`Expr::Other`] with its text; nothing is an error, since a condition
//! that we cannot read is still a condition. Time is linear in the length of the text, and nesting beyond [`MAX_NESTING`] is kept
//! as text.

mod classify;
mod display;
mod parse;
mod sort_key;
mod template;
pub(super) mod token;

pub use classify::{Access, Pattern, Predicate, Target, classify};
pub use parse::{MAX_NESTING, parse};
pub use sort_key::SortKey;
pub(in crate::plan) use template::unnumbered;
pub use template::without_values;

/// An expression as PostgreSQL deparses it. `Display` gives it back in the same style.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// Any binary operator: `=`, `~~`, `->>`, `IS DISTINCT FROM` …
    Compare {
        left: Box<Expr>,
        op: String,
        right: Box<Expr>,
    },
    /// `left op ANY (right)`, or ALL.
    Any {
        left: Box<Expr>,
        op: String,
        right: Box<Expr>,
        all: bool,
    },
    /// `- a`
    Prefix {
        op: String,
        operand: Box<Expr>,
    },
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    /// `a IS TRUE`, `a IS NOT UNKNOWN`; `test` is what follows IS.
    Is {
        operand: Box<Expr>,
        test: String,
    },
    Column(Column),
    Constant(Constant),
    /// `$1` of a prepared statement or of an outer plan, `(InitPlan 1).col1`
    Param(String),
    /// `SubPlan 1`, `hashed SubPlan 1`
    SubPlan(String),
    Cast {
        operand: Box<Expr>,
        type_name: String,
    },
    Collate {
        operand: Box<Expr>,
        collation: String,
    },
    /// `lower(a)`; also ROW, ARRAY, COALESCE, and `current_date` without arguments.
    Function {
        name: String,
        arguments: Vec<Expr>,
    },
    /// Text that the grammar does not cover.
    Other(String),
}

/// A column as the condition names it. Unqualified ones belong to the node's own relation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Column {
    /// The alias, unquoted.
    pub qualifier: Option<String>,
    /// Unquoted.
    pub name: String,
}

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constant {
    Number(String),
    /// Its value, quotes and escapes undone.
    Text(String),
    Boolean(bool),
    Null,
    /// `year` of `EXTRACT(year FROM a)`, `*` of `count(*)`
    Word(String),
}

impl Column {
    /// Whether the column is one of the relation called `alias`, in a condition of that relation's scan.
    pub fn is_of(&self, alias: &str) -> bool {
        self.qualifier.as_deref().is_none_or(|qualifier| qualifier == alias)
    }
}

impl Expr {
    /// What must all hold: the parts of an AND, or the expression itself.
    pub fn conjuncts(&self) -> impl Iterator<Item = &Expr> {
        match self {
            Expr::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        }
        .iter()
    }

    /// Every column in it, repeated as often as it appears. Those inside [`Expr::Other`] are not known.
    pub fn columns(&self) -> Vec<&Column> {
        let mut found = Vec::new();
        self.each(&mut |expr| {
            if let Expr::Column(column) = expr {
                found.push(column);
            }
        });
        found
    }

    /// Whether some part could not be read, so that [`Expr::columns`] may miss columns.
    pub fn has_unknown(&self) -> bool {
        let mut unknown = false;
        self.each(&mut |expr| unknown |= matches!(expr, Expr::Other(_)));
        unknown
    }

    /// Calls `see` for the expression and each part of it, outer ones first.
    pub fn each<'a>(&'a self, see: &mut impl FnMut(&'a Expr)) {
        see(self);
        match self {
            Expr::And(parts) | Expr::Or(parts) | Expr::Function { arguments: parts, .. } => {
                parts.iter().for_each(|part| part.each(see))
            }
            Expr::Compare { left, right, .. } | Expr::Any { left, right, .. } => {
                left.each(see);
                right.each(see);
            }
            Expr::Not(operand)
            | Expr::Prefix { operand, .. }
            | Expr::IsNull { operand, .. }
            | Expr::Is { operand, .. }
            | Expr::Cast { operand, .. }
            | Expr::Collate { operand, .. } => operand.each(see),
            Expr::Column(_) | Expr::Constant(_) | Expr::Param(_) | Expr::SubPlan(_) | Expr::Other(_) => {}
        }
    }

    /// The same with bare column names, as `CREATE INDEX` wants them.
    pub fn unqualified(&self) -> Expr {
        let mut expr = self.clone();
        expr.each_mut(&mut |part| {
            if let Expr::Column(column) = part {
                column.qualifier = None;
            }
        });
        expr
    }

    /// The same with the columns of the relation called `from` as those of `to`.
    pub fn renamed(&self, from: &str, to: &str) -> Expr {
        let mut expr = self.clone();
        expr.each_mut(&mut |part| {
            if let Expr::Column(column) = part
                && column.qualifier.as_deref() == Some(from)
            {
                column.qualifier = Some(to.to_owned());
            }
        });
        expr
    }

    fn each_mut(&mut self, change: &mut impl FnMut(&mut Expr)) {
        change(self);
        match self {
            Expr::And(parts) | Expr::Or(parts) | Expr::Function { arguments: parts, .. } => {
                parts.iter_mut().for_each(|part| part.each_mut(change));
            }
            Expr::Compare { left, right, .. } | Expr::Any { left, right, .. } => {
                left.each_mut(change);
                right.each_mut(change);
            }
            Expr::Not(operand)
            | Expr::Prefix { operand, .. }
            | Expr::IsNull { operand, .. }
            | Expr::Is { operand, .. }
            | Expr::Cast { operand, .. }
            | Expr::Collate { operand, .. } => operand.each_mut(change),
            Expr::Column(_) | Expr::Constant(_) | Expr::Param(_) | Expr::SubPlan(_) | Expr::Other(_) => {}
        }
    }

    /// The expression under its casts.
    pub fn uncast(&self) -> &Expr {
        let mut expr = self;
        while let Expr::Cast { operand, .. } = expr {
            expr = operand;
        }
        expr
    }
}
