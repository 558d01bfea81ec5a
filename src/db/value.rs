//! Values on their way between rows and parameters: the server's own binary form, untouched.
//!
//! A benchmark does not look at values: what a query returned is bound again as it came. Only where two integer types differ in
//! width is a value rewritten, because `id` of one table may be `int4` and a parameter of another statement `int8`.

/// One value with its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Value {
    /// OID of the type in `pg_type`.
    pub oid: u32,
    /// The type's binary send format; `None` is NULL.
    pub bytes: Option<Vec<u8>>,
}

/// OIDs of built-in types, fixed by `pg_type.dat`.
pub mod oid {
    pub const INT2: u32 = 21;
    pub const INT4: u32 = 23;
    pub const INT8: u32 = 20;
    pub const TEXT: u32 = 25;
    pub const VARCHAR: u32 = 1043;
    pub const BPCHAR: u32 = 1042;
    pub const NAME: u32 = 19;
    pub const UNKNOWN: u32 = 705;
}

impl Value {
    pub fn new(oid: u32, bytes: Vec<u8>) -> Value {
        Value { oid, bytes: Some(bytes) }
    }

    pub fn null(oid: u32) -> Value {
        Value { oid, bytes: None }
    }

    /// A `text` value.
    pub fn text(text: &str) -> Value {
        Value::new(oid::TEXT, text.as_bytes().to_vec())
    }

    /// A `bigint` value.
    pub fn int8(number: i64) -> Value {
        Value::new(oid::INT8, number.to_be_bytes().to_vec())
    }

    /// The value as a parameter of type `to` takes it; `None` when the two types do not share a binary form and the value does
    /// not fit an integer of the other width.
    pub fn converted(&self, to: u32) -> Option<Value> {
        if self.as_it_is(to) {
            return Some(Value { oid: to, bytes: self.bytes.clone() });
        }
        let number = self.as_integer()?;
        let bytes = match to {
            oid::INT2 => i16::try_from(number).ok()?.to_be_bytes().to_vec(),
            oid::INT4 => i32::try_from(number).ok()?.to_be_bytes().to_vec(),
            oid::INT8 => number.to_be_bytes().to_vec(),
            _ => return None,
        };
        Some(Value::new(to, bytes))
    }

    /// Whether a parameter of type `to` takes the bytes unchanged.
    pub fn as_it_is(&self, to: u32) -> bool {
        self.oid == to || self.bytes.is_none() || (is_text(self.oid) && is_text(to))
    }

    /// Whether values pass between two types by [`Value::converted`].
    pub fn passes(from: u32, to: u32) -> bool {
        from == to || (is_text(from) && is_text(to)) || (integer_width(from).is_some() && integer_width(to).is_some())
    }

    /// A text or an integer as text; `None` for NULL and for types whose binary form only the server reads.
    pub fn as_text(&self) -> Option<String> {
        if is_text(self.oid) {
            return String::from_utf8(self.bytes.clone()?).ok();
        }
        self.as_integer().map(|number| number.to_string())
    }

    /// The number in an integer value.
    pub fn as_integer(&self) -> Option<i64> {
        let bytes = self.bytes.as_deref()?;
        match self.oid {
            oid::INT2 => Some(i64::from(i16::from_be_bytes(bytes.try_into().ok()?))),
            oid::INT4 => Some(i64::from(i32::from_be_bytes(bytes.try_into().ok()?))),
            oid::INT8 => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
            _ => None,
        }
    }
}

/// Bytes of an integer type.
pub fn integer_width(type_oid: u32) -> Option<u32> {
    match type_oid {
        oid::INT2 => Some(2),
        oid::INT4 => Some(4),
        oid::INT8 => Some(8),
        _ => None,
    }
}

/// Whether the values of a type are plain text in their binary form.
pub fn is_text(type_oid: u32) -> bool {
    matches!(type_oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_change_width_when_they_fit() {
        let small = Value::new(oid::INT4, 7_i32.to_be_bytes().to_vec());
        assert_eq!(small.converted(oid::INT8), Some(Value::int8(7)));
        assert_eq!(Value::int8(1 << 40).converted(oid::INT4), None);
        assert_eq!(Value::int8(-2).converted(oid::INT2).and_then(|value| value.as_integer()), Some(-2));
    }

    #[test]
    fn null_and_text_pass_between_types_and_other_pairs_do_not() {
        assert_eq!(Value::null(oid::INT8).converted(oid::TEXT), Some(Value::null(oid::TEXT)));
        assert_eq!(Value::text("x").converted(oid::VARCHAR), Some(Value::new(oid::VARCHAR, b"x".to_vec())));
        assert_eq!(Value::text("7").converted(oid::INT8), None);
    }
}
