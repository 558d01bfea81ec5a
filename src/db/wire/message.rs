//! The messages of PostgreSQL's protocol 3.0 that calls are made of.
//!
//! Source: PostgreSQL 18 documentation, chapter 54 "Frontend/Backend Protocol".

use crate::db::connect::Origin;
use crate::db::error::{DbError, ServerMessage};
use crate::db::parameters::Parameters;
use crate::db::reply::{Field, Reply};

/// Protocol 3.0.
const PROTOCOL: u32 = 196_608;
/// What asks for TLS.
pub const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// The session's last word.
pub const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];

/// The first message, with the session's settings.
pub fn startup(out: &mut Vec<u8>, settings: &[(&str, &str)]) {
    framed(out, None, |out| {
        out.extend_from_slice(&PROTOCOL.to_be_bytes());
        for (name, value) in settings {
            text(out, name);
            text(out, value);
        }
        out.push(0);
    });
}

/// An answer to a question for a password.
pub fn password(out: &mut Vec<u8>, password: &[u8]) {
    framed(out, Some(b'p'), |out| {
        out.extend_from_slice(password);
        out.push(0);
    });
}

/// The first answer in a SASL exchange.
pub fn sasl_start(out: &mut Vec<u8>, mechanism: &str, data: &[u8]) {
    framed(out, Some(b'p'), |out| {
        text(out, mechanism);
        out.extend_from_slice(&(data.len() as u32).to_be_bytes());
        out.extend_from_slice(data);
    });
}

/// A further answer in it.
pub fn sasl_answer(out: &mut Vec<u8>, data: &[u8]) {
    framed(out, Some(b'p'), |out| out.extend_from_slice(data));
}

/// Statements without parameters.
pub fn query(out: &mut Vec<u8>, sql: &str) {
    framed(out, Some(b'Q'), |out| text(out, sql));
}

/// Parses a statement and asks what it takes and gives.
pub fn prepare(out: &mut Vec<u8>, name: &str, sql: &str) {
    framed(out, Some(b'P'), |out| {
        text(out, name);
        text(out, sql);
        out.extend_from_slice(&0_u16.to_be_bytes());
    });
    framed(out, Some(b'D'), |out| {
        out.push(b'S');
        text(out, name);
    });
    framed(out, Some(b'S'), |_| {});
}

/// Runs a prepared statement; parameters and results are binary.
pub fn execute(out: &mut Vec<u8>, name: &str, parameters: &Parameters) {
    framed(out, Some(b'B'), |out| {
        text(out, "");
        text(out, name);
        out.extend_from_slice(&[0, 1, 0, 1]);
        out.extend_from_slice(&(parameters.len() as u16).to_be_bytes());
        out.extend_from_slice(parameters.encoded());
        out.extend_from_slice(&[0, 1, 0, 1]);
    });
    // The unnamed portal, all rows; and the end of the exchange.
    out.extend_from_slice(&[b'E', 0, 0, 0, 9, 0, 0, 0, 0, 0, b'S', 0, 0, 0, 4]);
}

/// What a COPY FROM STDIN is told, which no call answers. A prepared one ignores the end of the exchange that was sent with it.
pub fn no_copy(out: &mut Vec<u8>, prepared: bool) {
    framed(out, Some(b'f'), |out| text(out, "perflab sends no rows here"));
    if prepared {
        framed(out, Some(b'S'), |_| {});
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}

/// Writes a message and then its length in front of it.
fn framed(out: &mut Vec<u8>, kind: Option<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    out.extend(kind);
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    body(out);
    let length = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// A body that is read from its front.
pub struct Body<'b>(pub &'b [u8]);

impl<'b> Body<'b> {
    pub fn bytes(&mut self, count: usize) -> Result<&'b [u8], DbError> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub fn u16(&mut self) -> Result<u16, DbError> {
        let bytes = self.bytes(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub fn u32(&mut self) -> Result<u32, DbError> {
        let bytes = self.bytes(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Up to the next zero byte.
    pub fn text(&mut self) -> Result<String, DbError> {
        let end = memchr::memchr(0, self.0).ok_or_else(cut_short)?;
        let text = String::from_utf8_lossy(self.bytes(end)?).into_owned();
        self.bytes(1)?;
        Ok(text)
    }
}

fn cut_short() -> DbError {
    DbError::Connection("a message of the server ended early".into())
}

/// `DataRow`: a count, then each value's length (-1 for NULL) and bytes.
pub fn read_row(body: &[u8], into: &mut Reply) -> Result<(), DbError> {
    let mut body = Body(body);
    let width = into.fields().len();
    for column in 0..usize::from(body.u16()?) {
        let length = usize::try_from(body.u32()?.cast_signed()).ok();
        let value = length.map(|length| body.bytes(length)).transpose()?;
        if column < width {
            into.push(value);
        }
    }
    into.end_row();
    Ok(())
}

/// `ParameterDescription`.
pub fn read_parameters(body: &[u8]) -> Result<Vec<u32>, DbError> {
    let mut body = Body(body);
    (0..body.u16()?).map(|_| body.u32()).collect()
}

/// `RowDescription`.
pub fn read_fields(body: &[u8]) -> Result<Vec<(Field, Origin)>, DbError> {
    let mut body = Body(body);
    let count = body.u16()?;
    let field = |_| {
        let name = body.text()?;
        let (relation, attribute) = (body.u32()?, body.u16()?.cast_signed());
        let type_oid = body.u32()?;
        // Size, modifier and format.
        body.bytes(8)?;
        let column = (relation != 0 && attribute != 0).then_some((relation, attribute));
        Ok((Field { name, type_oid }, Origin { type_oid, column }))
    };
    (0..count).map(field).collect()
}

/// `CommandComplete`: the last word of `SELECT 3`, `INSERT 0 1` or `UPDATE 2`; 0 where there is none.
pub fn read_tag(body: &[u8]) -> u64 {
    let digits = body.strip_suffix(b"\0").unwrap_or(body);
    let start = digits.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |place| place + 1);
    digits[start..].iter().fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
}

/// `ErrorResponse`: fields of a letter and a text, ended by a zero.
pub fn read_error(body: &[u8]) -> ServerMessage {
    let mut said = ServerMessage::default();
    for field in body.split(|byte| *byte == 0) {
        let Some((letter, text)) = field.split_first() else { continue };
        let text = || String::from_utf8_lossy(text).into_owned();
        match letter {
            b'C' => said.sqlstate = text(),
            // Not translated, since 9.6.
            b'V' => said.fatal = matches!(text().as_str(), "FATAL" | "PANIC"),
            b'M' => said.message = text(),
            b'D' => said.detail = Some(text()),
            b'H' => said.hint = Some(text()),
            b'P' => said.position = text().parse().ok(),
            b'n' => said.constraint = Some(text()),
            b'c' => said.column = Some(text()),
            b'W' => said.context = Some(text()),
            _ => {}
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::db::value::Value;

    #[test]
    fn messages_have_their_lengths_in_front() {
        let mut out = Vec::new();
        query(&mut out, "BEGIN");
        assert_eq!(out, b"Q\0\0\0\x0aBEGIN\0");
        out.clear();
        execute(&mut out, "s1", &Parameters::of(&[Value::text("x")]).unwrap());
        let bind = b"B\0\0\0\x17\0s1\0\0\x01\0\x01\0\x01\0\0\0\x01x\0\x01\0\x01";
        assert_eq!(out, [bind.as_slice(), b"E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04"].concat());
    }

    #[test]
    fn tags_say_how_many_rows() {
        let tags: Vec<u64> =
            ["SELECT 3\0", "INSERT 0 12\0", "BEGIN\0", "CREATE TABLE\0", ""].map(|tag| read_tag(tag.as_bytes())).into();
        assert_eq!(tags, [3, 12, 0, 0, 0]);
    }

    #[test]
    fn an_error_keeps_its_fields() {
        let said = read_error(b"SFATAL\0VFATAL\0C57P01\0Mterminating\0Hcall again\0P7\0\0");
        assert_eq!((said.sqlstate.as_str(), said.fatal, said.position), ("57P01", true, Some(7)));
        assert_eq!(said.to_string(), "terminating (SQLSTATE 57P01, at character 7); hint: call again");
    }

    #[test]
    fn a_description_gives_names_types_and_origins() {
        let body =
            b"\0\x02id\0\0\0\x40\0\0\x01\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0n\0\0\0\0\0\0\0\0\0\0\x14\0\x08\xff\xff\xff\xff\0\0";
        let fields = read_fields(body).unwrap();
        assert_eq!((fields[0].0.name.as_str(), fields[0].1), ("id", Origin { type_oid: 23, column: Some((16384, 1)) }));
        assert_eq!((fields[1].0.name.as_str(), fields[1].1.column), ("n", None));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(body: Vec<u8>) {
            let fields: Arc<[Field]> = vec![Field { name: "a".into(), type_oid: 25 }].into();
            let _ = read_row(&body, &mut Reply::of(fields));
            let _ = (read_parameters(&body), read_fields(&body), read_tag(&body), read_error(&body));
        }

        #[test]
        fn rows_come_out_as_they_went_in(values in proptest::collection::vec(proptest::option::of(".{0,9}"), 1..6)) {
            let mut body = (values.len() as u16).to_be_bytes().to_vec();
            for value in &values {
                body.extend(value.as_ref().map_or(-1, |value| value.len() as i32).to_be_bytes());
                body.extend(value.as_deref().unwrap_or_default().as_bytes());
            }
            let field = |place: usize| Field { name: place.to_string(), type_oid: 25 };
            let mut reply = Reply::of((0..values.len()).map(field).collect());
            read_row(&body, &mut reply).unwrap();
            for (place, value) in values.iter().enumerate() {
                prop_assert_eq!(reply.bytes_at(0, place), Some(value.as_deref().map(str::as_bytes)));
            }
        }
    }
}
