//! `{expression: "round(catalog_id.price * quantity, 2)"}`: a formula over the row and the rows that its references lead to.
//!
//! The grammar is a small part of SQL's: numbers, `'text'`, `true`, `false`, `null`, durations (`3d`), moments (`date '2025-06-01'`),
//! columns and paths; `+ - * / %`, `||`, comparisons, `and`, `or`, `not`, `is null`, `in (…)`, `between`, `case`, and functions. What
//! the names mean, and which types go together, is known once the catalog is (see `seed::values`).

mod parse;
mod token;

use super::error::Fault;
use super::model::Location;

/// A formula with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    pub root: Expr,
    /// Where its text starts.
    start: Location,
    /// The text stands in one line of the file, so that places in it can be told.
    in_line: bool,
}

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Characters before it.
    pub at: usize,
    pub node: ExprNode,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprNode {
    Null,
    Number(f64),
    Text(String),
    Bool(bool),
    /// In microseconds: `3d`.
    Interval(i64),
    /// In microseconds since 1970: `date '2025-06-01'`.
    Moment(i64),
    /// A column or a path, as in `by`.
    Column(String),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>),
    /// Branches in order, and what is left.
    Case(Vec<(Expr, Expr)>, Box<Expr>),
    /// The name in lower case.
    Call(String, Vec<Expr>),
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Join,
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    And,
    Or,
}

impl Binary {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Remainder => "%",
            Binary::Join => "||",
            Binary::Equal => "=",
            Binary::Unequal => "<>",
            Binary::Less => "<",
            Binary::AtMost => "<=",
            Binary::More => ">",
            Binary::AtLeast => ">=",
            Binary::And => "and",
            Binary::Or => "or",
        }
    }
}

impl Expression {
    /// Reads a formula that starts at a place of the file.
    ///
    /// # Errors
    /// The first thing that does not belong, with its place.
    pub fn parse(text: &str, start: Location) -> Result<Expression, (Location, Fault)> {
        let in_line = !text.contains('\n');
        match parse::parse(text) {
            Ok(root) => Ok(Expression { root, start, in_line }),
            Err((at, fault)) => Err((place(start, in_line, at), fault)),
        }
    }

    /// The place in the file of what stands after so many characters.
    pub fn place(&self, at: usize) -> Location {
        place(self.start, self.in_line, at)
    }

    /// All columns and paths in it.
    pub fn columns(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        self.root.collect(&mut columns);
        columns
    }
}

fn place(start: Location, in_line: bool, at: usize) -> Location {
    let column = start.column.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    if in_line { Location { column, ..start } } else { start }
}

impl Expr {
    fn parts(&self) -> Vec<&Expr> {
        match &self.node {
            ExprNode::Negate(inner) | ExprNode::Not(inner) | ExprNode::IsNull(inner) => vec![inner],
            ExprNode::Binary(_, left, right) => vec![left, right],
            ExprNode::Case(branches, otherwise) => {
                branches.iter().flat_map(|(when, then)| [when, then]).chain([otherwise.as_ref()]).collect()
            }
            ExprNode::Call(_, arguments) => arguments.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// How many pieces it has, and how deep they are nested.
    fn extent(&self) -> (usize, usize) {
        self.parts().into_iter().map(Expr::extent).fold((1, 1), |(all, most), (size, depth)| (all + size, most.max(depth + 1)))
    }

    fn collect<'e>(&'e self, columns: &mut Vec<&'e str>) {
        if let ExprNode::Column(path) = &self.node {
            columns.push(path);
        }
        self.parts().into_iter().for_each(|part| part.collect(columns));
    }
}
