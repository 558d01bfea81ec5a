//! Formulas: which types go together, decided before the first row.

mod functions;

use std::sync::Arc;

use crate::scenario::expression::{Binary, Expr, ExprNode, Expression};
use crate::scenario::model::Location;
use crate::scenario::quantity;
use crate::seed::rng::Key;
use crate::seed::types::PgType;

use super::super::expression::{Formula, Node, Type, type_of};
use super::super::{Peer, Source, ValueProblem};
use super::Site;

/// A node and what it gives.
type Typed = (Node, Type);

pub(super) fn expression(expression: &Expression, of: &PgType, site: &mut Site) -> Result<Source, ValueProblem> {
    if site.unique {
        return Err(ValueProblem::MayRepeat { what: "an expression", next: "use a template with {row}" });
    }
    let mut builder = Builder { expression, key: site.key, until_us: site.until_us, draws: 0, peer: site.peer };
    let (root, gives) = builder.node(&expression.root)?;
    if !Formula::fits(gives, of) {
        let next = match gives {
            Type::Interval => "; `days(…)`, `hours(…)` and `seconds(…)` make numbers of intervals",
            _ => "",
        };
        let why = format!("the expression gives {}, which is no value of type {}{next}", gives.name(), of.name);
        return Err(builder.wrong(expression.root.at, why));
    }
    Ok(Source::Formula(Box::new(Formula { root, gives, of: Arc::new(of.clone()) })))
}

struct Builder<'b> {
    expression: &'b Expression,
    key: Key,
    until_us: i64,
    /// How many `random()` there were.
    draws: u64,
    peer: &'b mut dyn FnMut(&str) -> Result<Peer, ValueProblem>,
}

/// Purposes of a column's key: the draws of its formula, numbered from here.
const DRAWS: u64 = 1_000;

impl Builder<'_> {
    fn wrong(&self, at: usize, why: String) -> ValueProblem {
        ValueProblem::Expression { at: self.expression.place(at), why }
    }

    fn draw(&mut self) -> Key {
        self.draws += 1;
        self.key.part(DRAWS + self.draws)
    }

    fn node(&mut self, expr: &Expr) -> Result<Typed, ValueProblem> {
        Ok(match &expr.node {
            ExprNode::Null => (Node::Null, Type::Any),
            ExprNode::Number(value) => (Node::Number(*value), Type::Number),
            ExprNode::Text(text) => (Node::Text(text.as_bytes().into()), Type::Text),
            ExprNode::Bool(value) => (Node::Truth(*value), Type::Truth),
            ExprNode::Interval(micros) => (Node::Micros(*micros), Type::Interval),
            ExprNode::Moment(micros) => (Node::Micros(*micros), Type::Moment),
            ExprNode::Column(path) => self.column(expr.at, path)?,
            ExprNode::Negate(inner) => match self.node(inner)? {
                (node, of @ (Type::Number | Type::Interval)) => (Node::Negate(Box::new(node)), of),
                (node, Type::Any) => (Node::Negate(Box::new(node)), Type::Number),
                (_, of) => return Err(self.wrong(expr.at, format!("`-` stands before {}", of.name()))),
            },
            ExprNode::Not(inner) => (Node::Not(Box::new(self.of_type(inner, Type::Truth, "`not`")?)), Type::Truth),
            ExprNode::IsNull(inner) => {
                let (node, of) = self.node(inner)?;
                (Node::IsNull(of, Box::new(node)), Type::Truth)
            }
            ExprNode::Binary(sign, left, right) => self.binary(expr.at, *sign, left, right)?,
            ExprNode::Case(branches, otherwise) => self.case(branches, otherwise)?,
            ExprNode::Call(name, arguments) => functions::call(self, expr.at, name, arguments)?,
        })
    }

    fn column(&mut self, at: usize, path: &str) -> Result<Typed, ValueProblem> {
        let peer = (self.peer)(path).map_err(|problem| match problem {
            ValueProblem::Peer(why) => self.wrong(at, why),
            other => other,
        })?;
        let of = match &peer {
            Peer::Parameter(_) => Type::Any,
            Peer::Cell(_, of) => type_of(of).ok_or_else(|| {
                self.wrong(at, format!("`{path}` is of type {}, of which an expression makes nothing", of.name))
            })?,
        };
        Ok((Node::Peer(peer), of))
    }

    /// A node that must be of a type.
    fn of_type(&mut self, expr: &Expr, wanted: Type, who: &str) -> Result<Node, ValueProblem> {
        let found = self.node(expr)?;
        self.fitted(expr, found, wanted, who)
    }

    /// A node as a type: a text that is written out may be a moment.
    fn fitted(&self, expr: &Expr, (node, found): Typed, wanted: Type, who: &str) -> Result<Node, ValueProblem> {
        match (&expr.node, found, wanted) {
            (ExprNode::Text(text), Type::Text, Type::Moment) => {
                let moment = quantity::moment_us(text).map_err(|fault| self.wrong(expr.at, fault.message))?;
                Ok(Node::Micros(moment))
            }
            (_, Type::Any, _) => Ok(node),
            _ if found == wanted => Ok(node),
            _ => Err(self.wrong(expr.at, format!("{who} takes {}, not {}", wanted.name(), found.name()))),
        }
    }

    /// Nodes that must be of one type, whichever it is.
    fn alike(&mut self, exprs: &[&Expr], who: &str) -> Result<(Vec<Node>, Type), ValueProblem> {
        let typed = exprs.iter().map(|expr| self.node(expr)).collect::<Result<Vec<_>, _>>()?;
        // A text beside moments is one of them.
        let is_moment = typed.iter().any(|(_, of)| *of == Type::Moment);
        let first = typed.iter().map(|(_, of)| *of).find(|of| *of != Type::Any).unwrap_or(Type::Any);
        let wanted = if is_moment && first == Type::Text { Type::Moment } else { first };
        let mut nodes = Vec::with_capacity(typed.len());
        for (expr, (node, of)) in exprs.iter().zip(typed) {
            let literal = matches!((&expr.node, wanted), (ExprNode::Text(_), Type::Moment));
            if of != wanted && of != Type::Any && !literal {
                return Err(self.wrong(expr.at, format!("{who} has {} beside {}", of.name(), wanted.name())));
            }
            nodes.push(self.fitted(expr, (node, of), wanted, who)?);
        }
        Ok((nodes, wanted))
    }

    fn pair(&mut self, left: &Expr, right: &Expr, who: &str) -> Result<(Box<[Node; 2]>, Type), ValueProblem> {
        let (nodes, of) = self.alike(&[left, right], who)?;
        let pair: [Node; 2] = nodes.try_into().unwrap_or([Node::Null, Node::Null]);
        Ok((Box::new(pair), of))
    }

    fn binary(&mut self, at: usize, sign: Binary, left: &Expr, right: &Expr) -> Result<Typed, ValueProblem> {
        let who = format!("`{}`", sign.sign());
        match sign {
            Binary::And | Binary::Or => {
                let sides = Box::new([self.of_type(left, Type::Truth, &who)?, self.of_type(right, Type::Truth, &who)?]);
                Ok((if sign == Binary::And { Node::And(sides) } else { Node::Or(sides) }, Type::Truth))
            }
            Binary::Join => Ok((Node::Join(Box::new([self.printed(left)?, self.printed(right)?])), Type::Text)),
            Binary::Equal | Binary::Unequal | Binary::Less | Binary::AtMost | Binary::More | Binary::AtLeast => {
                let (sides, of) = self.pair(left, right, &who)?;
                Ok((Node::Compare(sign, of, sides), Type::Truth))
            }
            _ => self.arithmetic(at, sign, left, right),
        }
    }

    /// Numbers among themselves; moments and intervals as in PostgreSQL.
    fn arithmetic(&mut self, at: usize, sign: Binary, left: &Expr, right: &Expr) -> Result<Typed, ValueProblem> {
        use Type::{Any, Interval, Moment, Number};
        let ((left, a), (right, b)) = (self.node(left)?, self.node(right)?);
        let (a, b) = match (a, b) {
            // NULL and parameters are what the other side is.
            (Any, Any) => (Number, Number),
            (Any, Moment | Interval) if sign == Binary::Add => (Interval, b),
            (Any, _) => (b, b),
            (Moment, Any) if sign == Binary::Add => (a, Interval),
            (_, Any) if matches!(sign, Binary::Multiply | Binary::Divide) => (a, Number),
            (_, Any) => (a, a),
            known => known,
        };
        let sides = Box::new([left, right]);
        Ok(match (sign, a, b) {
            (_, Number, Number) => (Node::Arithmetic(sign, sides), Number),
            (Binary::Add, Moment, Interval) | (Binary::Add, Interval, Moment) => (Node::Sum(sides), Moment),
            (Binary::Add, Interval, Interval) => (Node::Sum(sides), Interval),
            (Binary::Subtract, Moment, Interval) => (Node::Difference(sides), Moment),
            (Binary::Subtract, Moment, Moment) | (Binary::Subtract, Interval, Interval) => (Node::Difference(sides), Interval),
            (Binary::Multiply, Interval, Number) => (Node::Times(sides), Interval),
            (Binary::Multiply, Number, Interval) => {
                let [number, interval] = *sides;
                (Node::Times(Box::new([interval, number])), Interval)
            }
            (Binary::Divide, Interval, Number) => {
                let [interval, number] = *sides;
                let inverse = Node::Arithmetic(Binary::Divide, Box::new([Node::Number(1.0), number]));
                (Node::Times(Box::new([interval, inverse])), Interval)
            }
            _ => {
                let why = format!("`{}` does not go between {} and {}", sign.sign(), a.name(), b.name());
                return Err(self.wrong(at, why));
            }
        })
    }

    /// Any value as text.
    fn printed(&mut self, expr: &Expr) -> Result<Node, ValueProblem> {
        Ok(match self.node(expr)? {
            (node, Type::Text | Type::Any) => node,
            // Columns print as the server does, with all their digits.
            (node @ Node::Peer(_), _) => node,
            (node, of) => Node::Printed(of, Box::new(node)),
        })
    }

    fn case(&mut self, branches: &[(Expr, Expr)], otherwise: &Expr) -> Result<Typed, ValueProblem> {
        let mut conditions = Vec::with_capacity(branches.len());
        for (when, _) in branches {
            conditions.push(self.of_type(when, Type::Truth, "a condition")?);
        }
        let values: Vec<&Expr> = branches.iter().map(|(_, then)| then).chain([otherwise]).collect();
        let (mut nodes, of) = self.alike(&values, "`case`")?;
        let otherwise = nodes.pop().unwrap_or(Node::Null);
        Ok((Node::Case(conditions.into_iter().zip(nodes).collect(), Box::new(otherwise)), of))
    }
}

impl ValueProblem {
    /// Where in the file the mistake is, when that is known more closely than the column.
    pub fn at(&self) -> Option<Location> {
        match self {
            ValueProblem::Expression { at, .. } => Some(*at),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
