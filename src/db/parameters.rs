//! Parameters on their way to the server, encoded once and copied nowhere.

use sqlx::encode::IsNull;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments, Encode, Postgres, Type};

use super::error::DbError;
use super::value::{Value, oid};

/// The parameters of one execution of a statement.
#[derive(Debug, Default)]
pub struct Parameters {
    pub(super) arguments: PgArguments,
}

/// Bytes of a value, its length in front, that most parameters fit.
const USUAL_BYTES: usize = 16;

impl Parameters {
    /// Room for that many values of the usual size.
    pub fn with_capacity(values: usize) -> Parameters {
        let mut arguments = PgArguments::default();
        arguments.reserve(values, values * USUAL_BYTES);
        Parameters { arguments }
    }

    /// Adds a value as a parameter of type `to` takes it.
    ///
    /// # Errors
    /// When the two types do not share a binary form and the value does not fit an integer of the other width.
    pub fn push(&mut self, value: &Value, to: u32) -> Result<(), DbError> {
        let sent = if value.as_it_is(to) {
            self.arguments.add(Sent { oid: to, bytes: value.bytes.as_deref() })
        } else {
            let converted = value.converted(to).ok_or_else(|| not_bindable(value, to))?;
            self.arguments.add(Sent { oid: to, bytes: converted.bytes.as_deref() })
        };
        sent.map_err(|error| DbError::Unexpected(format!("a parameter cannot be sent: {error}")))
    }

    /// The values as parameters of their own types.
    ///
    /// # Errors
    /// When a value is too long for the protocol.
    pub fn of(values: &[Value]) -> Result<Parameters, DbError> {
        let mut parameters = Parameters::with_capacity(values.len());
        for value in values {
            parameters.push(value, value.oid)?;
        }
        Ok(parameters)
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
        assert_eq!(parameters.arguments.len(), 2);
    }
}
