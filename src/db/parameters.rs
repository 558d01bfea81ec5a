//! Parameters on their way to the server, in the form that the protocol sends them.

use sqlx::encode::IsNull;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments, Encode, Postgres, Type};

use super::error::DbError;
use super::value::{Value, oid};

/// The parameters of one execution of a statement. Their memory can be used again for the next one.
#[derive(Debug, Default)]
pub struct Parameters {
    types: Vec<u32>,
    /// Of each value its length, four bytes, -1 for NULL, and then its bytes.
    encoded: Vec<u8>,
}

impl Parameters {
    /// The values as parameters of their own types.
    ///
    /// # Errors
    /// When a value is too long for the protocol.
    pub fn of(values: &[Value]) -> Result<Parameters, DbError> {
        let mut parameters = Parameters::default();
        for value in values {
            parameters.push(value, value.oid)?;
        }
        Ok(parameters)
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.types.clear();
        self.encoded.clear();
    }

    /// Adds a value as a parameter of type `to` takes it.
    ///
    /// # Errors
    /// When the two types do not share a binary form and the value does not fit an integer of the other width.
    pub fn push(&mut self, value: &Value, to: u32) -> Result<(), DbError> {
        if value.as_it_is(to) {
            return self.push_bytes(value.bytes.as_deref(), to);
        }
        let converted = value.converted(to).ok_or_else(|| not_bindable(value, to))?;
        self.push_bytes(converted.bytes.as_deref(), to)
    }

    fn push_bytes(&mut self, bytes: Option<&[u8]>, type_oid: u32) -> Result<(), DbError> {
        let length = match bytes.map(|bytes| i32::try_from(bytes.len())) {
            None => -1,
            Some(Ok(length)) => length,
            Some(Err(_)) => return Err(DbError::Unexpected("a parameter of more than 2 GiB cannot be sent".into())),
        };
        self.types.push(type_oid);
        self.encoded.extend_from_slice(&length.to_be_bytes());
        self.encoded.extend_from_slice(bytes.unwrap_or_default());
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.types.len()
    }

    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// Length and bytes of each value, one after the other.
    pub(super) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// As the driver takes them.
    pub(super) fn arguments(&self) -> Result<PgArguments, DbError> {
        let mut arguments = PgArguments::default();
        arguments.reserve(self.types.len(), self.encoded.len());
        let mut rest = self.encoded.as_slice();
        for type_oid in &self.types {
            let Some((length, after)) = rest.split_first_chunk::<4>() else { break };
            let length = usize::try_from(i32::from_be_bytes(*length)).ok();
            let (bytes, after) = after.split_at(length.unwrap_or(0));
            rest = after;
            arguments
                .add(Sent { oid: *type_oid, bytes: length.map(|_| bytes) })
                .map_err(|error| DbError::Unexpected(format!("a parameter cannot be sent: {error}")))?;
        }
        Ok(arguments)
    }
}

/// Why a value cannot be a parameter of type `to`.
pub fn not_bindable(value: &Value, to: u32) -> DbError {
    DbError::Unexpected(format!(
        "a value of the type with OID {} cannot be bound to a parameter of the type with OID {to}; cast it in the SQL, e.g. `:x::text`",
        value.oid
    ))
}

/// A value in the form and type that it is sent in.
struct Sent<'v> {
    oid: u32,
    bytes: Option<&'v [u8]>,
}

impl Type<Postgres> for Sent<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(oid::UNKNOWN))
    }

    fn compatible(_: &PgTypeInfo) -> bool {
        true
    }
}

impl Encode<'_, Postgres> for Sent<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, sqlx::error::BoxDynError> {
        Ok(match self.bytes {
            Some(bytes) => {
                buffer.extend_from_slice(bytes);
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.oid)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_does_not_fit_the_type_is_refused_with_a_way_out() {
        let mut parameters = Parameters::default();
        assert!(parameters.push(&Value::int8(7), oid::INT4).is_ok() && parameters.push(&Value::null(1), oid::TEXT).is_ok());
        let error = parameters.push(&Value::text("7"), oid::INT8).unwrap_err().to_string();
        assert!(error.contains("OID 25") && error.contains("OID 20") && error.contains("`:x::text`"), "{error}");
        assert_eq!((parameters.len(), parameters.arguments().unwrap().len()), (2, 2));
    }

    #[test]
    fn values_are_written_with_their_lengths() {
        let mut parameters = Parameters::of(&[Value::text("ab"), Value::null(25)]).unwrap();
        assert_eq!(parameters.encoded(), b"\0\0\0\x02ab\xff\xff\xff\xff");
        parameters.clear();
        parameters.push(&Value::int8(7), oid::INT2).unwrap();
        assert_eq!((parameters.len(), parameters.encoded()), (1, b"\0\0\0\x02\0\x07".as_slice()));
    }
}
