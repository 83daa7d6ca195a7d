//! Mail: over the organisation's own mail server, as text and as a page, with a way to want no more.

use std::time::Duration;

use anyhow::Context as _;
use askama::Template;
use futures_util::future::BoxFuture;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message as Mail, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::Error as SmtpError,
};

use super::{
    Channel,
    carrier::Carrier,
    message::{Message, Outcome},
};
use crate::config::MailSettings;

/// What most mail servers of hosting companies take from one sender.
const PER_MINUTE: u32 = 60;
/// For the whole talk with the server about one letter: the library's own patience ends with the connection.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    base_url: String,
}

#[derive(Template)]
#[template(path = "email/message.html")]
struct Page<'a> {
    subject: &'a str,
    /// Paragraphs of lines.
    paragraphs: Vec<Vec<&'a str>>,
    unsubscribe: &'a str,
}

impl Mailer {
    /// # Errors
    /// When the address of the server or of the sender cannot be used.
    pub fn new(settings: &MailSettings, base_url: &str) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.smtp_url)
            .context("SMTP_URL is not an address such as smtps://name:password@mail.example.org")?
            .timeout(Some(PATIENCE))
            .build();
        let from = settings.from.parse().context("MAIL_FROM is not a sender such as Pribóy <office@example.org>")?;
        Ok(Self { transport, from, base_url: base_url.to_owned() })
    }

    /// # Errors
    /// When the recipient's address is none.
    fn mail(&self, message: &Message) -> anyhow::Result<Mail> {
        let to: Address = message.address.parse().context("the address is none")?;
        let unsubscribe = match message.owner_id {
            Some(_) => format!("{}/unsubscribe/{}", self.base_url, message.token),
            None => String::new(),
        };
        let paragraphs = message.text.split("\n\n").map(|paragraph| paragraph.lines().collect()).collect();
        let page = Page { subject: &message.subject, paragraphs, unsubscribe: &unsubscribe }.render()?;
        let mut mail = Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.as_str())
            .message_id(Some(format!("<{}.{}@{}>", message.id, &message.token[..12], self.from.email.domain())))
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if !unsubscribe.is_empty() {
            mail = mail
                .raw_header(header("List-Unsubscribe", &format!("<{unsubscribe}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        Ok(mail.multipart(MultiPart::alternative_plain_html(message.text.clone(), page))?)
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

impl Carrier for Mailer {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn pace_per_minute(&self) -> u32 {
        PER_MINUTE
    }

    fn carry<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let mail = match self.mail(message) {
                Ok(mail) => mail,
                Err(error) => return Outcome::Unreachable(format!("{error:#}")),
            };
            match tokio::time::timeout(PATIENCE, self.transport.send(mail)).await {
                Ok(Ok(taken)) => Outcome::Taken(taken.message().collect::<Vec<_>>().join(" ")),
                Ok(Err(error)) => outcome(&error),
                Err(_) => Outcome::Later { why: "the mail server says nothing".to_owned(), after: None },
            }
        })
    }
}

fn outcome(error: &SmtpError) -> Outcome {
    let why = error.to_string();
    let code = error.status().map_or(0, u16::from);
    if !error.is_permanent() {
        Outcome::Later { why, after: None }
    } else if is_about_the_mailbox(code, &why) {
        Outcome::Unreachable(why)
    } else {
        Outcome::Refused(why)
    }
}

/// Does the server refuse the mailbox (RFC 3463: 5.1 and 5.2), or what we are and write (5.7 and others)?
fn is_about_the_mailbox(code: u16, why: &str) -> bool {
    let enhanced = why.split_whitespace().find_map(|word| word.strip_prefix("5.").filter(|rest| rest.contains('.')));
    match enhanced {
        Some(rest) => rest.starts_with("1.") || rest.starts_with("2."),
        None => matches!(code, 550 | 551 | 553),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_mailbox_is_told_from_a_refused_sender() {
        assert!(is_about_the_mailbox(550, "permanent error (550): 5.1.1 no such user"));
        assert!(is_about_the_mailbox(550, "permanent error (550): no such user here"));
        assert!(!is_about_the_mailbox(550, "permanent error (550): 5.7.1 relaying denied"));
        assert!(!is_about_the_mailbox(554, "permanent error (554): transaction failed"));
    }
}
