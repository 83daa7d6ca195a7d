//! The forms and links of a page, as a browser finds them in its text.

use crate::cast::{Answer, Browser};

/// A form that changes something.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub is_multipart: bool,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub value: String,
    /// `text`, `date`, `select` and so on.
    pub kind: String,
    /// What a select offers.
    pub options: Vec<String>,
}

impl Field {
    /// Something can be typed into it, and what was typed is shown again.
    pub fn is_typed(&self) -> bool {
        ["text", "tel", "email", "search", "date", "month", "number", "area"].contains(&self.kind.as_str())
    }
}

impl Form {
    /// Sends the form with the values it has now.
    pub async fn send(&self, browser: &Browser) -> Answer {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        if self.is_multipart {
            let parts: Vec<(&str, &str, &[u8])> = fields.iter().map(|(name, value)| (*name, "", value.as_bytes())).collect();
            browser.upload(&self.action, &parts).await
        } else {
            browser.post(&self.action, &fields).await
        }
    }

    /// The same form with another value in one field.
    pub fn with(&self, field: usize, value: &str) -> Self {
        let mut form = self.clone();
        value.clone_into(&mut form.fields[field].value);
        form
    }
}

/// A tag's attribute as the browser understands it.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(unescaped(tag[from..].split('"').next()?))
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Every form of the page that is posted, each field as it stands there, sent by its first button; unticked boxes and files are left
/// out, as browsers do.
pub fn forms(page: &str) -> Vec<Form> {
    page.split("<form ").skip(1).filter_map(|text| form(text.split("</form>").next()?)).collect()
}

fn form(text: &str) -> Option<Form> {
    let head = format!(" {}", text.split('>').next()?);
    if attribute(&head, "method").as_deref() != Some("post") {
        return None;
    }
    let is_multipart = attribute(&head, "enctype").is_some();
    let mut form = Form { action: attribute(&head, "action")?, is_multipart, fields: Vec::new() };
    let mut is_clicked = false;
    for piece in text.split('<').skip(1) {
        let (tag, content) = piece.split_once('>').unwrap_or((piece, ""));
        let field = |value: String, kind: &str| {
            attribute(tag, "name").map(|name| Field { name, value, kind: kind.to_owned(), options: Vec::new() })
        };
        if tag.starts_with("select ") {
            form.fields.extend(field(String::new(), "select"));
        } else if tag.starts_with("option ") {
            let value = attribute(tag, "value").unwrap_or_default();
            if let Some(select) = form.fields.last_mut().filter(|field| field.kind == "select") {
                if select.options.is_empty() || tag.contains(" selected") {
                    select.value.clone_from(&value);
                }
                select.options.push(value);
            }
        } else if tag.starts_with("textarea ") {
            form.fields.extend(field(unescaped(content.trim_start_matches('\n')), "area"));
        } else if tag.starts_with("button ") && !is_clicked {
            is_clicked = true;
            form.fields.extend(field(attribute(tag, "value").unwrap_or_default(), "button"));
        } else if tag.starts_with("input ") {
            let kind = attribute(tag, "type").unwrap_or_default();
            let is_sent = match kind.as_str() {
                "checkbox" | "radio" => tag.contains(" checked"),
                "file" => false,
                _ => true,
            };
            if is_sent {
                form.fields.extend(field(attribute(tag, "value").unwrap_or_default(), &kind));
            }
        }
    }
    Some(form)
}

/// Where the page's links lead inside the program, without anchors.
pub fn links(page: &str) -> Vec<String> {
    let links = page.split("<a ").skip(1).filter_map(|text| attribute(&format!(" {}", text.split('>').next()?), "href"));
    links.map(|link| link.split('#').next().unwrap_or_default().to_owned()).filter(|link| link.starts_with('/')).collect()
}
