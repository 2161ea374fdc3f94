//! What an expression means where it stands: variables, locals, resources of the module, loops.

use std::cell::Cell;
use std::collections::BTreeMap;

use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl_edit::structure::Block;
use hcl_edit::template::{Directive, Element, Strip, Template};
use hcl_edit::{Ident, Span as _};

use super::function;
use super::module::{Module, TextFiles, Written};
use super::value::{Piece, Text, Value};
use crate::model::Place;

/// References within references beyond which nothing more is followed.
const DEPTH: usize = 48;

/// A place where expressions are evaluated.
#[derive(Clone)]
pub(super) struct Scope<'m> {
    pub(super) module: &'m Module,
    /// Its folder.
    pub(super) folder: &'m str,
    /// The folder of the root module.
    pub(super) root: &'m str,
    /// What the functions of files read.
    pub(super) files: &'m TextFiles<'m>,
    /// What the call of the module passes; `None` in a root module.
    pub(super) arguments: Option<&'m BTreeMap<String, Value>>,
    /// `each`, `count` and the names of loops.
    pub(super) bound: Vec<(String, Value)>,
    /// The file of the module in which the expression stands.
    pub(super) file: usize,
    /// What evaluation may still cost: a text that grows without end is left unresolved.
    pub(super) budget: &'m Cell<usize>,
    pub(super) depth: usize,
}

/// An expression as written, on one line.
pub(super) fn written(expression: &Expression) -> String {
    let text = expression.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'m> Scope<'m> {
    /// The same place with a name bound.
    pub(super) fn with(&self, name: &str, value: Value) -> Scope<'m> {
        let mut scope = self.clone();
        scope.bound.push((name.to_owned(), value));
        scope
    }

    /// The same place in another file of the module.
    pub(super) fn in_file(&self, file: usize) -> Scope<'m> {
        Scope {
            file,
            ..self.clone()
        }
    }

    /// The value of an expression of another part of the module, outside of any loop.
    fn elsewhere(&self, at: &Written<'_, Expression>) -> Value {
        let scope = Scope {
            bound: Vec::new(),
            file: at.file,
            depth: self.depth + 1,
            ..self.clone()
        };
        scope.value(at.node)
    }

    /// The value of an expression.
    pub(super) fn value(&self, expression: &Expression) -> Value {
        let unresolved = || Value::Unresolved(written(expression));
        if let Expression::String(_) | Expression::Number(_) | Expression::Bool(_) = expression {
            return self.evaluated(expression).unwrap_or_else(unresolved);
        }
        if self.depth > DEPTH || self.budget.get() == 0 {
            return unresolved();
        }
        let value = self.evaluated(expression).unwrap_or_else(unresolved);
        let left = self.budget.get().checked_sub(value.weight());
        self.budget.set(left.unwrap_or(0));
        if left.is_some() { value } else { unresolved() }
    }

    fn evaluated(&self, expression: &Expression) -> Option<Value> {
        Some(match expression {
            Expression::Null(_) => Value::Plain("null".to_owned()),
            Expression::Bool(boolean) => Value::boolean(*boolean.value()),
            Expression::Number(number) => Value::Plain(number.value().to_string()),
            Expression::String(text) => Value::text(text.value().as_str()),
            Expression::StringTemplate(template) => self.template(template)?,
            Expression::HeredocTemplate(heredoc) => self.heredoc(&heredoc.template),
            Expression::Array(items) => {
                Value::List(items.iter().map(|item| self.value(item)).collect())
            }
            Expression::Object(object) => {
                let mut entries = Vec::new();
                for (key, value) in object.iter() {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => self.value(key).known()?,
                    };
                    entries.push((key, self.value(value.expr())));
                }
                Value::Map(entries)
            }
            Expression::Parenthesis(inner) => return self.evaluated(inner.inner()),
            Expression::Variable(name) => self.bound(name.as_str())?.clone(),
            Expression::Conditional(conditional) => {
                let branch = match self.value(&conditional.cond_expr).known()?.as_str() {
                    "true" => &conditional.true_expr,
                    "false" => &conditional.false_expr,
                    _ => return None,
                };
                return self.evaluated(branch);
            }
            Expression::FuncCall(call) => {
                if call.name.is_namespaced() || call.args.expand_final() {
                    return None;
                }
                let arguments: Vec<Value> = call.args.iter().map(|arg| self.value(arg)).collect();
                let name = call.name.name.as_str();
                self.of_file(name, &arguments)
                    .or_else(|| function::call(name, &arguments))?
            }
            Expression::Traversal(traversal) => self.traversal(traversal)?,
            Expression::UnaryOp(operation) => {
                let value = self.value(&operation.expr);
                match operation.operator.value() {
                    UnaryOperator::Neg => Value::number(value.integer()?.checked_neg()?),
                    UnaryOperator::Not => {
                        Value::boolean(value.known()?.parse::<bool>().ok()?.eq(&false))
                    }
                }
            }
            Expression::BinaryOp(operation) => binary(
                &self.value(&operation.lhs_expr),
                *operation.operator.value(),
                &self.value(&operation.rhs_expr),
            )?,
            Expression::ForExpr(expression) => self.comprehension(expression)?,
        })
    }

    fn bound(&self, name: &str) -> Option<&Value> {
        let mut bound = self.bound.iter().rev();
        bound
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// A quoted text with `${...}`; one that is nothing else is the value itself.
    fn template(&self, template: &Template) -> Option<Value> {
        let mut elements = template.iter();
        if let (Some(Element::Interpolation(only)), None) = (elements.next(), elements.next()) {
            return self.evaluated(&only.expr);
        }
        Some(Value::Text(Text {
            pieces: self.pieces(template),
            place: None,
        }))
    }

    fn heredoc(&self, template: &Template) -> Value {
        let begins = template.span();
        let begins = begins.map(|span| self.module.place(self.file, span.start));
        self.rendered(template, begins)
    }

    /// A text that begins at a place, as long as its lines stay those of the file.
    pub(super) fn rendered(&self, template: &Template, begins: Option<Place>) -> Value {
        let pieces = self.pieces(template);
        let place = begins.filter(|_| !adds_lines(template, &pieces));
        Value::Text(Text { pieces, place })
    }

    fn pieces(&self, template: &Template) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for element in template.iter() {
            match element {
                Element::Literal(text) => pieces.push(Piece::Known(text.value().clone())),
                Element::Interpolation(part) => match self.value(&part.expr) {
                    Value::Text(text) => pieces.extend(text.pieces),
                    value => pieces.push(match value.known() {
                        Some(text) => Piece::Known(text),
                        None => Piece::Hole(written(&part.expr)),
                    }),
                },
                Element::Directive(directive) => pieces.extend(
                    self.directed(directive)
                        .unwrap_or_else(|| vec![Piece::Hole("%{...}".to_owned())]),
                ),
            }
        }
        pieces
    }

    /// What a directive repeats or leaves out. One that strips blanks is not read: inside of a
    /// quoted text they count.
    fn directed(&self, directive: &Directive) -> Option<Vec<Piece>> {
        match directive {
            Directive::If(part) => {
                let strips = [part.if_expr.strip, part.endif_expr.strip];
                let otherwise = part.else_expr.as_ref();
                let mut strips = strips.into_iter().chain(otherwise.map(|part| part.strip));
                let condition = self.value(&part.if_expr.cond_expr).known()?;
                match (condition.as_str(), otherwise) {
                    _ if strips.any(|strip| strip != Strip::None) => None,
                    ("true", _) => Some(self.pieces(&part.if_expr.template)),
                    ("false", Some(part)) => Some(self.pieces(&part.template)),
                    ("false", None) => Some(Vec::new()),
                    _ => None,
                }
            }
            Directive::For(part) => {
                let part = (&part.for_expr, part.endfor_expr.strip);
                if part.0.strip != Strip::None || part.1 != Strip::None {
                    return None;
                }
                let part = part.0;
                let mut pieces = Vec::new();
                for (key, value) in entries(&self.value(&part.collection_expr))? {
                    let mut scope = self.with(part.value_var.as_str(), value);
                    if let Some(name) = &part.key_var {
                        scope = scope.with(name.as_str(), Value::text(key));
                    }
                    scope.depth += 1;
                    if scope.depth > DEPTH || self.budget.get() == 0 {
                        return None;
                    }
                    let round = scope.pieces(&part.template);
                    let cost = 1 + round.iter().map(Piece::weight).sum::<usize>();
                    self.budget.set(self.budget.get().saturating_sub(cost));
                    pieces.extend(round);
                }
                Some(pieces)
            }
        }
    }

    fn traversal(&self, traversal: &Traversal) -> Option<Value> {
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|op| op.value()).collect();
        let (value, rest) = match &traversal.expr {
            Expression::Variable(root) => self.root(root, &operators)?,
            other => (self.value(other), operators.as_slice()),
        };
        self.walk(value, rest)
    }

    /// What a reference begins with, and the operators that are left.
    fn root<'o>(
        &self,
        root: &Ident,
        operators: &'o [&'o TraversalOperator],
    ) -> Option<(Value, &'o [&'o TraversalOperator])> {
        if let Some(value) = self.bound(root.as_str()) {
            return Some((value.clone(), operators));
        }
        let name = |at: usize| match operators.get(at) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        let (kind, at) = match root.as_str() {
            "var" => return Some((self.variable(name(0)?)?, operators.get(1..)?)),
            "local" => {
                let local = self.module.local(name(0)?)?;
                return Some((self.elsewhere(&local), operators.get(1..)?));
            }
            "path" => return Some((self.folder_of(name(0)?)?, operators.get(1..)?)),
            "data" => (format!("data.{}", name(0)?), 1),
            kind => (kind.to_owned(), 0),
        };
        let block = self.module.block(&format!("{kind}.{}", name(at)?))?;
        let (key, at) = match operators.get(at + 1) {
            Some(TraversalOperator::Index(key)) => (Some(self.value(key).known()?), at + 2),
            _ => (None, at + 1),
        };
        let value = self.stated(&block, key.as_deref(), name(at)?)?;
        Some((value, operators.get(at + 1..)?))
    }

    fn variable(&self, name: &str) -> Option<Value> {
        if let Some(passed) = self.arguments.and_then(|arguments| arguments.get(name)) {
            return Some(passed.clone());
        }
        let written = match self.arguments {
            Some(_) => self.module.default(name)?,
            None => self.module.setting(name)?,
        };
        Some(self.elsewhere(&written))
    }

    /// An attribute of a resource or data source of the module.
    fn stated(&self, block: &Written<'_, Block>, key: Option<&str>, name: &str) -> Option<Value> {
        let outside = Scope {
            bound: Vec::new(),
            depth: self.depth + 1,
            ..self.in_file(block.file)
        };
        let instances = outside.instances(block.node);
        let instance = match key {
            Some(key) => instances
                .into_iter()
                .find(|i| i.key.as_deref() == Some(key))?,
            None => instances.into_iter().find(|i| i.key.is_none())?,
        };
        let kind = block.node.labels.first().map(|label| label.as_str());
        if kind == Some("vault_policy_document") && name == "hcl" {
            return Some(Value::Text(instance.scope.document(block.node)));
        }
        if let Some(value) = instance.scope.googles(block.node, name) {
            return Some(value);
        }
        if let Some(value) = instance.scope.amazons(block.node, name) {
            return Some(value);
        }
        let name = if kind == Some("vault_policy") && name == "id" {
            "name"
        } else {
            name
        };
        let value = instance
            .scope
            .value(&block.node.body.get_attribute(name)?.value);
        value.known().map(|_| value)
    }

    fn walk(&self, mut value: Value, operators: &[&TraversalOperator]) -> Option<Value> {
        for (at, operator) in operators.iter().enumerate() {
            value = match operator {
                TraversalOperator::GetAttr(name) => value.get(name.as_str())?.clone(),
                TraversalOperator::Index(key) => at_key(&value, &self.value(key).known()?)?,
                TraversalOperator::LegacyIndex(key) => at_key(&value, &key.value().to_string())?,
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let Value::List(items) = value else {
                        return None;
                    };
                    let rest = operators.get(at + 1..)?;
                    let items = items.into_iter().map(|item| self.walk(item, rest));
                    return items.collect::<Option<Vec<_>>>().map(Value::List);
                }
            };
        }
        Some(value)
    }

    /// `[for x in list : ...]` and `{for k, v in map : ... => ...}`.
    fn comprehension(&self, expression: &ForExpr) -> Option<Value> {
        let intro = &expression.intro;
        let entries = entries(&self.value(&intro.collection_expr))?;
        let (mut list, mut map) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            let mut scope = self.with(intro.value_var.as_str(), value);
            if let Some(name) = &intro.key_var {
                scope = scope.with(name.as_str(), Value::text(key));
            }
            if let Some(condition) = &expression.cond {
                match scope.value(&condition.expr).known()?.as_str() {
                    "true" => {}
                    "false" => continue,
                    _ => return None,
                }
            }
            let value = scope.value(&expression.value_expr);
            match &expression.key_expr {
                Some(_) if expression.grouping => return None,
                Some(key) => map.push((scope.value(key).known()?, value)),
                None => list.push(value),
            }
        }
        Some(match expression.key_expr {
            Some(_) => Value::Map(map),
            None => Value::List(list),
        })
    }
}

/// Keys and values of a collection; the keys of a list are its indices.
pub(super) fn entries(value: &Value) -> Option<Vec<(String, Value)>> {
    match value {
        Value::Map(entries) => Some(entries.clone()),
        Value::List(items) => {
            let numbered = items.iter().enumerate();
            Some(
                numbered
                    .map(|(at, item)| (at.to_string(), item.clone()))
                    .collect(),
            )
        }
        _ => None,
    }
}

fn at_key(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::List(items) => items.get(key.parse::<usize>().ok()?).cloned(),
        map => map.get(key).cloned(),
    }
}

/// Whether what stands for `${...}` has other lines than the file.
fn adds_lines(template: &Template, pieces: &[Piece]) -> bool {
    let literal: usize = template
        .iter()
        .map(|element| match element {
            Element::Literal(text) => text.matches('\n').count(),
            _ => 0,
        })
        .sum();
    let known = pieces.iter().map(|piece| match piece {
        Piece::Known(text) => text.matches('\n').count(),
        Piece::Hole(_) => 0,
    });
    literal != known.sum::<usize>() || template.iter().any(|e| matches!(e, Element::Directive(_)))
}

fn binary(left: &Value, operator: BinaryOperator, right: &Value) -> Option<Value> {
    let numbers = || left.integer().zip(right.integer());
    let truths = || Some((left.known()?.parse().ok()?, right.known()?.parse().ok()?));
    let equal = || (left.is_resolved() && right.is_resolved()).then(|| alike(left, right));
    Some(match operator {
        BinaryOperator::Eq => Value::boolean(equal()?),
        BinaryOperator::NotEq => Value::boolean(!equal()?),
        BinaryOperator::LessEq => numbers().map(|(a, b)| Value::boolean(a <= b))?,
        BinaryOperator::GreaterEq => numbers().map(|(a, b)| Value::boolean(a >= b))?,
        BinaryOperator::Less => numbers().map(|(a, b)| Value::boolean(a < b))?,
        BinaryOperator::Greater => numbers().map(|(a, b)| Value::boolean(a > b))?,
        BinaryOperator::Plus => Value::number(numbers().and_then(|(a, b)| a.checked_add(b))?),
        BinaryOperator::Minus => Value::number(numbers().and_then(|(a, b)| a.checked_sub(b))?),
        BinaryOperator::Mul => Value::number(numbers().and_then(|(a, b)| a.checked_mul(b))?),
        // A quotient may be a fraction.
        BinaryOperator::Div => {
            let (a, b) = numbers()?;
            let exact = a.checked_rem(b)? == 0;
            Value::number(exact.then(|| a.checked_div(b))??)
        }
        BinaryOperator::Mod => Value::number(numbers().and_then(|(a, b)| a.checked_rem(b))?),
        BinaryOperator::And => truths().map(|(a, b): (bool, bool)| Value::boolean(a && b))?,
        BinaryOperator::Or => truths().map(|(a, b): (bool, bool)| Value::boolean(a || b))?,
    })
}

fn alike(left: &Value, right: &Value) -> bool {
    match (left.known(), right.known()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}
