//! Parameters that are made up for each call of an endpoint.

use crate::db::value::oid;
use crate::scenario::model::{Data, Locale, ValueSpec};

use super::rng::Key;
use super::types::{FIRST_USER_OID, PgType};
use super::values::{Cell, Context, Growth, Others, Peer, Site, ValueProblem, compile};

/// So many calls have different values where values must differ; more than a run makes.
const CALLS: u64 = 1_000_000_000;

/// "Now" where nothing was seeded: 2026-01-01, the seeded data's default.
const UNTIL_US: i64 = 1_767_225_600_000_000;

/// What the made-up parameters of all endpoints share with the seeded rows.
#[derive(Debug, Clone, Copy)]
pub struct ParamSetting {
    /// [`Data::seed`]
    pub seed: u64,
    /// [`Data::locale`], the language of texts that do not name one.
    pub locale: Locale,
    /// [`Data::until_us`], their "now".
    pub until_us: i64,
}

impl ParamSetting {
    /// That of the scenario's rows; without rows, that of rows of which nothing is said.
    pub fn of(data: Option<&Data>) -> ParamSetting {
        match data {
            Some(data) => ParamSetting { seed: data.seed, locale: data.locale, until_us: data.until_us },
            None => ParamSetting { seed: 0, locale: Locale::default(), until_us: UNTIL_US },
        }
    }
}

/// Makes one parameter's values, as a function of the number of the call.
#[derive(Debug)]
pub struct ParamMaker {
    cell: Box<Cell>,
}

impl ParamMaker {
    /// For the parameter `name` of an endpoint, which the server takes as a type. E-mail addresses, user names and random pieces of
    /// templates differ from call to call, so that an insert does not stumble over a unique column.
    ///
    /// # Errors
    /// [`ValueProblem`] when the description makes no values of the type.
    pub fn new(
        spec: &ValueSpec,
        type_oid: u32,
        endpoint: &str,
        name: &str,
        setting: ParamSetting,
    ) -> Result<ParamMaker, ValueProblem> {
        let of = type_of(type_oid).ok_or_else(|| {
            ValueProblem::Peer(format!(
                "perflab cannot make values of the type with OID {type_oid}; cast the parameter in the statement"
            ))
        })?;
        let key = Key::new(setting.seed, &["parameter", endpoint, name]);
        let mut peer = |name: &str| Ok(Peer::Parameter(name.to_owned()));
        let mut site = |unique| {
            compile(
                spec,
                &of,
                &mut Site {
                    key,
                    rows: CALLS,
                    unique,
                    rising: false,
                    until_us: setting.until_us,
                    locale: setting.locale,
                    growth: &Growth::default(),
                    peer: &mut peer,
                },
            )
        };
        // What cannot differ in every call need not.
        let cell = site(true).or_else(|_| site(false))?;
        Ok(ParamMaker { cell: Box::new(cell) })
    }

    /// The value of a call in the server's binary form; `None` is NULL. Where other parameters decide, see
    /// [`ParamMaker::value_beside`].
    pub fn value(&self, call: u64) -> Option<Vec<u8>> {
        self.value_beside(call, &|_| None)
    }

    /// The value of a call whose other parameters `others` knows by name, as text. A text that is no value of the type is NULL.
    pub fn value_beside(&self, call: u64, others: Others) -> Option<Vec<u8>> {
        let mut context = Context::with(others);
        context.turn_to(call);
        let mut field = Vec::new();
        self.cell.write(&mut context, &mut field);
        let length = i32::from_be_bytes(field.get(..4)?.try_into().ok()?);
        (length >= 0).then(|| field.split_off(4))
    }
}

/// The built-in types. Types that somebody made (from OID 16384 on) are taken for enums or text, whose binary form is the text itself.
fn type_of(type_oid: u32) -> Option<PgType> {
    PgType::builtin(if type_oid == oid::UNKNOWN || type_oid >= FIRST_USER_OID { oid::TEXT } else { type_oid })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{FakeKind, Literal, Located, Location, Template, TemplatePart};

    const SETTING: ParamSetting = ParamSetting { seed: 42, locale: Locale::En, until_us: UNTIL_US };

    fn maker(spec: ValueSpec, type_oid: u32) -> ParamMaker {
        ParamMaker::new(&spec, type_oid, "POST /users/create", "p", SETTING).unwrap()
    }

    #[test]
    fn texts_speak_the_language_of_the_data() {
        let names = |locale| {
            let setting = ParamSetting { locale, ..SETTING };
            let maker = ParamMaker::new(&ValueSpec::Fake(FakeKind::Name), oid::TEXT, "POST /", "p", setting).unwrap();
            (0..20).filter_map(|call| String::from_utf8(maker.value(call)?).ok()).collect::<String>()
        };
        assert!(names(Locale::En).is_ascii());
        assert!(!names(Locale::Ja).is_ascii(), "{}", names(Locale::Ja));
    }

    #[test]
    fn values_are_binary_and_the_same_for_the_same_call() {
        let number = maker(ValueSpec::Range { low: 5.0, high: 5.0 }, oid::INT4);
        assert_eq!(number.value(3), Some(vec![0, 0, 0, 5]));
        let null = maker(ValueSpec::Constant(Literal::Null), oid::INT4);
        assert_eq!(null.value(0), None);
        let mail = maker(ValueSpec::Fake(FakeKind::Email), oid::TEXT);
        assert_eq!(mail.value(7), mail.value(7));
        assert_ne!(mail.value(7), mail.value(8));
        let other = ParamMaker::new(&ValueSpec::Fake(FakeKind::Email), oid::TEXT, "POST /users/create", "q", SETTING).unwrap();
        assert_ne!(mail.value(7), other.value(7));
    }

    #[test]
    fn other_parameters_decide() {
        let by = ValueSpec::By {
            column: Located::new("platform".into(), Location::default()),
            cases: vec![(Literal::Text("Apple".into()), ValueSpec::Constant(Literal::Text("a".into())))],
            otherwise: None,
        };
        let maker = maker(by, oid::TEXT);
        assert_eq!(maker.value_beside(0, &|name| (name == "platform").then(|| "Apple".to_owned())), Some(b"a".to_vec()));
        assert_eq!(maker.value(0), None);
    }

    #[test]
    fn what_makes_no_value_of_the_type_is_refused() {
        let refused = |spec, type_oid| ParamMaker::new(&spec, type_oid, "GET /", "p", SETTING).unwrap_err().to_string();
        assert!(refused(ValueSpec::Words(1..=2), oid::INT8).contains("makes text"));
        assert!(refused(ValueSpec::Sequence, 2249).contains("OID 2249"), "record");
        let template = Template { parts: vec![TemplatePart::Row] };
        assert!(ParamMaker::new(&ValueSpec::Template(template), 16_400, "GET /", "p", SETTING).is_ok());
    }
}
