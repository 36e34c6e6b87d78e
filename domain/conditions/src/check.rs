//! The walk over a condition: types, what is refused, and what it costs at worst.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SourceInfo};
use shared::{Money, Month};

use crate::LIST_MAX;
use crate::fault::{Fault, FaultCode};
use crate::value::Type;

/// The type of a part of a condition. Literals are not yet one of ours: `"2026-01-31"` is a date
/// beside a date and a word beside a word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    Known(Type),
    Whole(Option<i64>),
    Quoted(String),
    List(Vec<Self>),
}

/// The functions that may stand in a condition, beside the operators.
const FUNCTIONS: [&str; 8] =
    ["size", "startsWith", "endsWith", "contains", "yuan", "exists", "all", "exists_one"];

impl Found {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Known(kind) => kind.name(),
            Self::Whole(_) => "number",
            Self::Quoted(_) => "text",
            Self::List(_) => "list",
        }
    }

    /// Whether it can stand where `wanted` belongs.
    pub fn fits(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (Self::Known(kind), _) => same(kind, wanted),
            (Self::Whole(_), Type::Number | Type::BasisPoints) => true,
            // Nothing is nothing in every currency.
            (Self::Whole(value), Type::Money) => *value == Some(0),
            (Self::Quoted(text), Type::Text | Type::Date | Type::Month | Type::Word(_)) => {
                wanted.read(text).is_some()
            }
            (Self::Whole(_) | Self::Quoted(_) | Self::List(_), _) => false,
        }
    }

    fn is_flag(&self) -> bool {
        *self == Self::Known(Type::Flag)
    }

    fn is_plain_number(&self) -> bool {
        matches!(self, Self::Whole(_) | Self::Known(Type::Number))
    }

    fn is_money(&self) -> bool {
        *self == Self::Known(Type::Money)
    }

    fn is_points(&self) -> bool {
        *self == Self::Known(Type::BasisPoints)
    }
}

/// Words are of one type only where their lists are the same: else two of them never are equal.
fn same(one: &Type, other: &Type) -> bool {
    one == other
}

pub(crate) struct Walk<'a> {
    declared: &'a [(String, Type)],
    /// Names that a comprehension brings.
    local: Vec<(String, Found)>,
    inside: bool,
    source: &'a SourceInfo,
    pub faults: Vec<Fault>,
}

impl<'a> Walk<'a> {
    pub fn new(declared: &'a [(String, Type)], source: &'a SourceInfo) -> Self {
        Self { declared, local: Vec::new(), inside: false, source, faults: Vec::new() }
    }

    pub fn fault(&mut self, part: &IdedExpr, fault: Fault) {
        let at = self.source.offset_for(part.id).and_then(|(start, _)| usize::try_from(start).ok());
        self.faults.push(fault.at(at.map(|start| start + 1)));
    }

    /// `None` after a fault that was told.
    pub fn type_of(&mut self, part: &IdedExpr) -> Option<Found> {
        match &part.expr {
            Expr::Literal(literal) => self.literal(part, literal),
            Expr::Ident(name) => self.name(part, name),
            Expr::List(list) => {
                if list.elements.len() > LIST_MAX {
                    let long = list.elements.len();
                    let fault = Fault::new(
                        FaultCode::TooCostly,
                        format!("列表最多 {LIST_MAX} 项，此处 {long} 项"),
                        format!("a list holds at most {LIST_MAX} elements, this one {long}"),
                    );
                    self.fault(part, fault);
                    return None;
                }
                let elements: Vec<Option<Found>> =
                    list.elements.iter().map(|element| self.type_of(element)).collect();
                elements.into_iter().collect::<Option<Vec<_>>>().map(Found::List)
            }
            Expr::Call(call) => self.call(part, call),
            Expr::Comprehension(comprehension) => self.comprehension(part, comprehension),
            Expr::Select(select) => {
                let field = select.field.clone();
                self.fault(part, Fault::unknown(&format!(".{field}"), self.words()));
                None
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.fault(part, Fault::refused("映射和结构", "a map or a structure"));
                None
            }
        }
    }

    fn words(&self) -> Vec<String> {
        self.declared.iter().map(|(name, _)| name.clone()).collect()
    }

    fn literal(&mut self, part: &IdedExpr, literal: &LiteralValue) -> Option<Found> {
        match literal {
            LiteralValue::Boolean(_) => Some(Found::Known(Type::Flag)),
            LiteralValue::Int(number) => Some(Found::Whole(Some(*number.inner()))),
            LiteralValue::String(text) => Some(Found::Quoted(text.inner().to_owned())),
            LiteralValue::Double(_) => {
                let zh = "小数（金额写 yuan(\"…\")，比率用基点）";
                let en = "a fraction (write money as yuan(\"…\"), ratios in basis points)";
                self.fault(part, Fault::refused(zh, en));
                None
            }
            LiteralValue::Bytes(_) | LiteralValue::UInt(_) | LiteralValue::Null => {
                let fault = Fault::refused("字节、无符号数和空值", "bytes, an unsigned or a null");
                self.fault(part, fault);
                None
            }
        }
    }

    fn name(&mut self, part: &IdedExpr, name: &str) -> Option<Found> {
        if let Some((_, found)) = self.local.iter().rev().find(|(local, _)| local == name) {
            return Some(found.clone());
        }
        let declared = self.declared.iter().find(|(declared, _)| declared == name);
        if declared.is_none() {
            self.fault(part, Fault::unknown(name, self.words()));
        }
        declared.map(|(_, kind)| Found::Known(kind.clone()))
    }

    fn call(&mut self, part: &IdedExpr, call: &CallExpr) -> Option<Found> {
        let operator = call.func_name.as_str();
        if operator == "yuan" {
            return self.yuan(part, call);
        }
        let parts = call.target.as_deref().into_iter().chain(&call.args);
        let types: Vec<Option<Found>> = parts.map(|part| self.type_of(part)).collect();
        let types: Vec<Found> = types.into_iter().collect::<Option<_>>()?;
        let flag = Some(Found::Known(Type::Flag));
        let outcome = match (operator, types.as_slice()) {
            ("_&&_" | "_||_", [left, right]) if left.is_flag() && right.is_flag() => flag,
            ("!_" | "@not_strictly_false", [one]) if one.is_flag() => flag,
            ("_?_:_", [when, then, other]) if when.is_flag() => meet(then, other),
            ("_==_" | "_!=_", [left, right]) => meet(left, right).and(flag),
            ("_<_" | "_<=_" | "_>_" | "_>=_", [left, right]) => {
                meet(left, right).filter(ordered).and(flag)
            }
            ("_+_" | "_-_", [left, right]) => meet(left, right).filter(counted),
            ("_*_", [left, right]) => product(left, right),
            ("_/_", [left, right]) => quotient(left, right),
            ("_%_", [left, right]) if left.is_plain_number() && right.is_plain_number() => {
                Some(Found::Known(Type::Number))
            }
            ("-_", [Found::Whole(value)]) => Some(Found::Whole(value.map(|value| -value))),
            ("-_", [one]) if counted(one) => Some(one.clone()),
            ("@in", [one, Found::List(elements)]) => {
                elements.iter().all(|element| meet(one, element).is_some()).then_some(())?;
                flag
            }
            ("@in", [one, Found::Known(Type::Words(words))]) => {
                one.fits(&Type::Word(words.clone())).then_some(()).and(flag)
            }
            ("size", [Found::List(_) | Found::Known(Type::Words(_) | Type::Text)]) => {
                Some(Found::Known(Type::Number))
            }
            ("startsWith" | "endsWith" | "contains", [Found::Known(Type::Text), text])
                if text.fits(&Type::Text) =>
            {
                flag
            }
            _ => None,
        };
        if outcome.is_none() {
            self.misfit(part, operator, &types);
        }
        outcome
    }

    fn misfit(&mut self, part: &IdedExpr, operator: &str, types: &[Found]) {
        let known = |name: &str| FUNCTIONS.contains(&name);
        let fault = match (operator, types) {
            ("matches", _) => Fault::refused("正则表达式", "a regular expression"),
            (name, _) if name.starts_with(|c: char| c.is_alphabetic()) && !known(name) => {
                Fault::unknown(name, FUNCTIONS.map(str::to_owned).to_vec())
            }
            // A word that the list does not have is best told with the list.
            (_, [Found::Known(Type::Word(words) | Type::Words(words)), Found::Quoted(text)])
            | (_, [Found::Quoted(text), Found::Known(Type::Word(words) | Type::Words(words))])
                if !words.contains(text) =>
            {
                Fault::unknown(text, words.to_vec())
            }
            (operator, [left, right]) => {
                let operator = operator.trim_matches(['_', '@']);
                Fault::mixed(operator, left.name(), right.name())
            }
            (operator, types) => {
                let found: Vec<&str> = types.iter().map(Found::name).collect();
                Fault::wanted(operator.trim_matches(['_', '@']), &found.join(", "))
            }
        };
        self.fault(part, fault);
    }

    fn yuan(&mut self, part: &IdedExpr, call: &CallExpr) -> Option<Found> {
        let literal = match call.args.as_slice() {
            [one] if call.target.is_none() => {
                if let Expr::Literal(LiteralValue::String(text)) = &one.expr {
                    Some(text.inner().to_owned())
                } else {
                    None
                }
            }
            _ => None,
        };
        if literal.is_some_and(|text| Money::parse(&text).is_ok()) {
            return Some(Found::Known(Type::Money));
        }
        self.fault(part, Fault::wanted("yuan(\"1234.50\")", "another text"));
        None
    }

    /// `exists`, `all` and `exists_one` only: what makes a list makes it longer.
    fn comprehension(&mut self, part: &IdedExpr, of: &ComprehensionExpr) -> Option<Found> {
        if std::mem::replace(&mut self.inside, true) {
            let fault = Fault::refused("嵌套的逐项判断", "a list gone through inside another");
            self.fault(part, fault);
            return None;
        }
        let outcome = self.gone_through(part, of);
        self.inside = false;
        outcome
    }

    fn gone_through(&mut self, part: &IdedExpr, of: &ComprehensionExpr) -> Option<Found> {
        let element = match self.type_of(&of.iter_range)? {
            Found::Known(Type::Words(words)) => Found::Known(Type::Word(words)),
            Found::List(elements) => {
                let first = elements.first()?.clone();
                elements.iter().try_fold(first, |all, one| meet(&all, one))?
            }
            other @ (Found::Known(_) | Found::Whole(_) | Found::Quoted(_)) => {
                self.fault(&of.iter_range, Fault::wanted("list", other.name()));
                return None;
            }
        };
        let start = self.type_of(&of.accu_init)?;
        if matches!(start, Found::List(_)) || of.iter_var2.is_some() {
            self.fault(part, Fault::refused("map 和 filter", "map or filter"));
            return None;
        }
        self.local.push((of.accu_var.clone(), start));
        self.local.push((of.iter_var.clone(), element));
        let (more, step) = (self.type_of(&of.loop_cond), self.type_of(&of.loop_step));
        self.local.pop();
        let result = self.type_of(&of.result);
        self.local.pop();
        more.and(step).and(result)
    }
}

/// The one type of two things that stand beside each other.
fn meet(left: &Found, right: &Found) -> Option<Found> {
    match (left, right) {
        (Found::Known(one), Found::Known(other)) => same(one, other).then(|| left.clone()),
        (Found::Known(kind), literal) | (literal, Found::Known(kind)) => {
            literal.fits(kind).then(|| Found::Known(kind.clone()))
        }
        (Found::Whole(_), Found::Whole(_)) => Some(Found::Whole(None)),
        (Found::Quoted(_), Found::Quoted(_)) => Some(Found::Known(Type::Text)),
        (Found::Whole(_) | Found::Quoted(_) | Found::List(_), _) => None,
    }
}

fn ordered(found: &Found) -> bool {
    match found {
        Found::Whole(_) => true,
        Found::Known(kind) => match kind {
            Type::Number | Type::BasisPoints | Type::Money | Type::Date | Type::Month => true,
            Type::Flag | Type::Text | Type::Word(_) | Type::Words(_) => false,
        },
        Found::Quoted(text) => text.parse::<shared::Date>().is_ok() || Month::parse(text).is_ok(),
        Found::List(_) => false,
    }
}

fn counted(found: &Found) -> bool {
    found.is_plain_number() || found.is_money() || found.is_points()
}

fn product(left: &Found, right: &Found) -> Option<Found> {
    let (one, other) = if right.is_plain_number() { (left, right) } else { (right, left) };
    match (one, other) {
        (Found::Whole(_), Found::Whole(_)) => Some(Found::Whole(None)),
        (one, other) if one.is_plain_number() && other.is_plain_number() => {
            Some(Found::Known(Type::Number))
        }
        (one, other) if counted(one) && other.is_plain_number() => Some(one.clone()),
        // The reader divides by 10000 himself, where the rounding is seen.
        (one, other) if one.is_money() && other.is_points() => Some(Found::Known(Type::Money)),
        (one, other) if one.is_points() && other.is_money() => Some(Found::Known(Type::Money)),
        _ => None,
    }
}

/// Towards zero, as whole numbers divide.
fn quotient(left: &Found, right: &Found) -> Option<Found> {
    match (left, right) {
        (one, other) if one.is_money() && other.is_money() => Some(Found::Known(Type::Number)),
        (one, other) if counted(one) && other.is_plain_number() => match one {
            Found::Whole(_) => Some(Found::Known(Type::Number)),
            Found::Known(_) | Found::Quoted(_) | Found::List(_) => Some(one.clone()),
        },
        _ => None,
    }
}

/// The steps of the worst case: every part once, what goes through a list once for each element.
pub(crate) fn cost(part: &IdedExpr) -> u64 {
    let all = |parts: &[IdedExpr]| parts.iter().map(cost).sum::<u64>();
    let inner = match &part.expr {
        Expr::Literal(_) | Expr::Ident(_) | Expr::Unspecified => 0,
        Expr::Call(call) => call.target.as_deref().map_or(0, cost) + all(&call.args),
        Expr::List(list) => all(&list.elements),
        Expr::Select(select) => cost(&select.operand),
        Expr::Map(_) | Expr::Struct(_) => 0,
        Expr::Comprehension(of) => {
            let times = if let Expr::List(list) = &of.iter_range.expr {
                list.elements.len()
            } else {
                LIST_MAX
            };
            let each = cost(&of.loop_cond) + cost(&of.loop_step) + 1;
            let times = u64::try_from(times).unwrap_or(u64::MAX);
            cost(&of.iter_range)
                + cost(&of.accu_init)
                + cost(&of.result)
                + times.saturating_mul(each)
        }
    };
    inner.saturating_add(1)
}
