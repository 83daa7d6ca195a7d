//! NATS JetStream: where it is, the stream that we keep there, publishing into it.

use std::{fmt, str::FromStr, time::Duration};

use anyhow::{Context as _, bail};
use async_nats::{
    ConnectOptions, ServerAddr,
    jetstream::{
        self, ErrorCode,
        context::{GetStreamErrorKind, PublishAckFuture, PublishError, PublishErrorKind},
        message::PublishMessage,
        stream,
    },
};

use super::outbox::Unpublished;

/// The stream that keeps every event.
const STREAM: &str = "METERBOOK";
/// What it takes in.
const SUBJECTS: &str = "meterbook.>";
/// So long it keeps an event, unless whoever runs the broker has set something else.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// So long it knows an event again that comes twice.
const KNOWN_AGAIN: Duration = Duration::from_hours(1);
/// A broker that says nothing for so long is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the broker is, and who we are there: `nats://host:port`, `tls://user:password@host`, `nats://token@host`. Shown without the secrets.
#[derive(Clone)]
pub struct Address {
    server: ServerAddr,
    identity: Identity,
}

#[derive(Clone)]
enum Identity {
    Nobody,
    Token(String),
    User { name: String, password: String },
}

/// The text names no broker.
#[derive(Debug, thiserror::Error)]
#[error("not an address such as nats://host:4222")]
pub struct NotAnAddress;

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let mut url = text.parse::<ServerAddr>().map_err(|_| NotAnAddress)?.into_inner();
        let is_ours = ["nats", "tls"].contains(&url.scheme()) && text.contains("://");
        if !is_ours || url.host_str().is_none_or(str::is_empty) || !["", "/"].contains(&url.path()) || url.query().is_some() {
            return Err(NotAnAddress);
        }
        let identity = match (plain(url.username())?, url.password().map(plain).transpose()?) {
            (name, Some(password)) => Identity::User { name, password },
            (token, None) if !token.is_empty() => Identity::Token(token),
            _ => Identity::Nobody,
        };
        // The library writes the address into its own log.
        url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| NotAnAddress)?;
        Ok(Self { server: ServerAddr::from_url(url).map_err(|_| NotAnAddress)?, identity })
    }
}

/// Secrets within an address are written with `%` where a sign would mean something else there.
fn plain(part: &str) -> Result<String, NotAnAddress> {
    Ok(percent_encoding::percent_decode_str(part).decode_utf8().map_err(|_| NotAnAddress)?.into_owned())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.server.scheme(), self.server.host(), self.server.port())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A connection to the broker, given up at the first failure: a new one asks anew whether the stream is there.
#[derive(Debug)]
pub struct Broker(jetstream::Context);

impl Broker {
    /// Connects, and makes the stream where it is missing. One that is there is left as it is.
    pub async fn connect(address: &Address) -> anyhow::Result<Self> {
        let broker = Self::reach(address).await?;
        let wanted = stream::Config {
            name: STREAM.to_owned(),
            description: Some("What happened in Meterbook".to_owned()),
            subjects: vec![SUBJECTS.to_owned()],
            retention: stream::RetentionPolicy::Limits,
            storage: stream::StorageType::File,
            max_age: KEPT,
            duplicate_window: KNOWN_AGAIN,
            ..stream::Config::default()
        };
        broker.0.get_or_create_stream(wanted).await.with_context(|| format!("the stream {STREAM}"))?;
        Ok(broker)
    }

    async fn reach(address: &Address) -> anyhow::Result<Self> {
        let options = match address.identity.clone() {
            Identity::Nobody => ConnectOptions::new(),
            Identity::Token(token) => ConnectOptions::with_token(token),
            Identity::User { name, password } => ConnectOptions::with_user_and_password(name, password),
        };
        // Who comes back after a failure is the relay, with what was not acknowledged.
        let options = options.name("meterbook").connection_timeout(PATIENCE).request_timeout(Some(PATIENCE)).max_reconnects(1);
        let client = options.connect(address.server.clone()).await.with_context(|| format!("the broker at {address}"))?;
        Ok(Self(jetstream::new(client)))
    }

    /// Is there a broker that keeps streams, and lets us ask for them?
    ///
    /// # Errors
    /// What is missing.
    pub async fn examine(address: &Address) -> anyhow::Result<()> {
        let broker = Self::reach(address).await?;
        match broker.0.get_stream(STREAM).await {
            Ok(_) => Ok(()),
            // It is made when there is something to be kept in it.
            Err(error) if matches!(error.kind(), GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND) => {
                Ok(())
            }
            Err(error) => bail!("the broker at {address} answers, but keeps no streams for us: {error}"),
        }
    }

    /// Publishes all at once and waits for each; answers how many of the first the broker has, and why not the others.
    ///
    /// Each names the one before it, and the broker refuses what does not follow on that: so none overtakes another, even when one of them is
    /// lost on the way.
    pub async fn publish(&self, events: &[Unpublished]) -> (usize, Result<(), PublishError>) {
        let mut sent = Vec::with_capacity(events.len());
        let mut failure = Ok(());
        let mut before = None;
        for event in events {
            match self.send(event, before).await {
                Ok(acknowledged) => sent.push(acknowledged),
                Err(error) => {
                    failure = Err(error);
                    break;
                }
            }
            before = Some(event);
        }
        let count = sent.len();
        for (place, acknowledged) in sent.into_iter().enumerate() {
            match acknowledged.await {
                Ok(_) => {}
                // Somebody else has written into the stream meanwhile; the rest is sent again and follows on that.
                Err(error) if place > 0 && error.kind() == PublishErrorKind::WrongLastMessageId => return (place, Ok(())),
                Err(error) => return (place, Err(error)),
            }
        }
        (count, failure)
    }

    async fn send(&self, event: &Unpublished, before: Option<&Unpublished>) -> Result<PublishAckFuture, PublishError> {
        let message = event.message().map_err(|error| PublishError::with_source(PublishErrorKind::Other, error))?;
        let message = PublishMessage::build().payload(message.into()).message_id(&event.uid).expected_stream(STREAM);
        let message = match before {
            Some(before) => message.expected_last_message_id(&before.uid),
            None => message,
        };
        self.0.send_publish(event.subject(), message).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_secrets() {
        for (text, shown) in [
            ("nats://127.0.0.1:4223", "nats://127.0.0.1:4223"),
            ("tls://relay:p%40ss@broker.example.org", "tls://broker.example.org:4222"),
            ("nats://s3cret@broker", "nats://broker:4222"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.to_string().as_str(), format!("{address:?}").as_str()), (shown, shown));
            assert!(!address.server.as_url_str().contains('@'), "{text}");
        }
    }

    #[test]
    fn what_is_written_with_per_cent_signs_is_read_back() {
        let address: Address = "nats://re%3Alay:p%40ss@broker".parse().unwrap();
        assert!(matches!(address.identity, Identity::User { name, password } if name == "re:lay" && password == "p@ss"));
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in ["broker:4222", "http://broker", "nats://", "nats://broker/path", "ws://broker", "nats://broker?x=1", "nats://a b"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
