package io.resticfleet.server.summary;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.server.alert.Alert;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Alerts as an Atom feed: an entry for each, which is updated when its alert is resolved.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4287">The Atom Syndication Format</a>
 */
final class AlertFeed {

    /** All characters that XML cannot contain, not even escaped. */
    private static final String NOT_XML = "[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]";

    private AlertFeed() {}

    /**
     * @param id ULID of the feed
     * @param alerts opened last first
     * @param serverUrl as people reach this server, without a trailing slash
     */
    static String of(String id, List<Alert> alerts, String serverUrl) {
        var text = new StringWriter();
        try {
            var xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("feed");
            xml.writeDefaultNamespace("http://www.w3.org/2005/Atom");
            element(xml, "id", urn(id));
            element(xml, "title", "restic-fleet alerts");
            element(
                    xml,
                    "updated",
                    alerts.stream()
                            .map(AlertFeed::updated)
                            .max(Instant::compareTo)
                            .orElseGet(() -> Ulid.from(id).getInstant())
                            .toString());
            link(xml, serverUrl + "/alerts");
            xml.writeStartElement("author");
            element(xml, "name", "restic-fleet");
            xml.writeEndElement();
            for (var alert : alerts) {
                entry(xml, alert, serverUrl);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e); // nothing to fail: it is written to memory
        }
        return text.toString();
    }

    private static void entry(XMLStreamWriter xml, Alert alert, String serverUrl) throws XMLStreamException {
        xml.writeStartElement("entry");
        element(xml, "id", urn(alert.id()));
        element(xml, "title", title(alert));
        element(xml, "published", alert.openedAt().toString());
        element(xml, "updated", updated(alert).toString());
        link(xml, serverUrl + alert.path());
        category(xml, alert.severity().word());
        category(xml, alert.kind().word());
        xml.writeStartElement("content");
        xml.writeAttribute("type", "text");
        xml.writeCharacters(clean((alert.text() + " " + alert.advice()).strip()));
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private static String title(Alert alert) {
        var about = alert.subject()
                .host()
                .map(host -> host.name() + ": ")
                .or(() -> alert.subject().repository().map(repository -> repository.name() + ": "))
                .orElse("");
        var state = alert.open() ? alert.severity().word().toUpperCase(Locale.ROOT) : "Resolved";
        return state + ": " + about + alert.kind().word().replace('_', ' ');
    }

    private static Instant updated(Alert alert) {
        return alert.resolvedAt().orElse(alert.openedAt());
    }

    /** The same 128 bits, as readers know them. */
    private static String urn(String ulid) {
        return "urn:uuid:" + Ulid.from(ulid).toUuid();
    }

    private static void element(XMLStreamWriter xml, String name, String text) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(clean(text));
        xml.writeEndElement();
    }

    private static void link(XMLStreamWriter xml, String url) throws XMLStreamException {
        xml.writeEmptyElement("link");
        xml.writeAttribute("rel", "alternate");
        xml.writeAttribute("type", "text/html");
        xml.writeAttribute("href", clean(url));
    }

    private static void category(XMLStreamWriter xml, String term) throws XMLStreamException {
        xml.writeEmptyElement("category");
        xml.writeAttribute("term", term);
    }

    private static String clean(String text) {
        return text.replaceAll(NOT_XML, "\uFFFD");
    }
}
