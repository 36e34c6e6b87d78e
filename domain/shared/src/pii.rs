//! A clear personal value on its way between the edge and the seal.

/// Wraps a name, number, contact or account in clear. It has no `Debug`, `Display` or `Serialize`,
/// so it cannot reach a log line, an error, an event or a metric; whoever needs the value says so
/// with [`Pii::expose`], and the reader of the code sees it.
///
/// ```
/// let name = shared::Pii::new("张三".to_owned());
/// assert_eq!(name.expose(), "张三");
/// ```
///
/// It cannot be printed:
/// ```compile_fail
/// println!("{:?}", shared::Pii::new("张三"));
/// ```
/// ```compile_fail
/// println!("{}", shared::Pii::new("张三"));
/// ```
/// It cannot be stored:
/// ```compile_fail
/// fn store<T: serde::Serialize>(_: T) {}
/// store(shared::Pii::new("张三"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The clear value; every call is a place that an auditor can find.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The clear value, given up by its wrapper.
    pub fn into_exposed(self) -> T {
        self.0
    }

    /// Another value derived from this one, still wrapped.
    pub fn map<U>(self, derive: impl FnOnce(T) -> U) -> Pii<U> {
        Pii(derive(self.0))
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
