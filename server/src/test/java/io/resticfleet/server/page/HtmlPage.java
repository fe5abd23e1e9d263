package io.resticfleet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.FormElement;
import org.jsoup.select.Elements;

/**
 * A page as the server rendered it, or the part of one that htmx asked for.
 *
 * @param path of the last redirect, with its query
 * @param source the HTML as received
 */
public record HtmlPage(PageClient client, String path, int status, String source, Document document) {

    public String title() {
        return document.title();
    }

    public Elements select(String css) {
        return document.select(css);
    }

    /** The only element that matches. */
    public Element only(String css) {
        return only(css, select(css));
    }

    /** The text of the only element that matches, with white space normalised. */
    public String text(String css) {
        return only(css).text();
    }

    /** The texts of all elements that match, in the order of the page. */
    public List<String> texts(String css) {
        return select(css).stream().map(Element::text).toList();
    }

    /** The links with this name. */
    public List<Element> links(String name) {
        return named("a[href]", name);
    }

    /** The buttons with this name. */
    public List<Element> buttons(String name) {
        return named("button", name);
    }

    public Element link(String name) {
        return only("link " + name, links(name));
    }

    public Element button(String name) {
        return only("button " + name, buttons(name));
    }

    /** The first link with this name, opened. */
    public HtmlPage follow(String name) throws IOException, InterruptedException {
        assertThat(links(name)).as("links %s", name).isNotEmpty();
        return client.open(links(name).get(0).attr("href"));
    }

    /** The field with this label, or else the only one whose label begins so. */
    public Element field(String label) {
        return HtmlForm.field(document, label);
    }

    /** The value of the field with this label. */
    public String value(String label) {
        return HtmlForm.value(field(label));
    }

    /** The value of the only field that matches. */
    public String valueOf(String css) {
        return HtmlForm.value(only(css));
    }

    public boolean isChecked(String label) {
        return field(label).hasAttr("checked");
    }

    /** The form that this button submits. */
    public HtmlForm form(String button) {
        var pressed = button(button);
        assertThat(pressed.hasAttr("disabled"))
                .as("button %s is disabled", button)
                .isFalse();
        return new HtmlForm(this, (FormElement) pressed.closest("form"), pressed);
    }

    /** The form around a field, for forms that scripts submit. */
    public HtmlForm formAround(String label) {
        return new HtmlForm(this, (FormElement) field(label).closest("form"), new Element("button"));
    }

    /** The only form that matches, for one that scripts submit. */
    public HtmlForm formOf(String css) {
        return new HtmlForm(this, (FormElement) only(css), new Element("button"));
    }

    /** Submits the form of a button as it is. */
    public HtmlPage press(String button) throws IOException, InterruptedException {
        return form(button).submit();
    }

    private List<Element> named(String css, String name) {
        return select(css).stream()
                .filter(element ->
                        name.equals(element.hasAttr("aria-label") ? element.attr("aria-label") : element.text()))
                .toList();
    }

    private Element only(String what, List<Element> found) {
        assertThat(found).as("%s in %s (%d)", what, path, status).hasSize(1);
        return found.get(0);
    }
}
