package io.resticfleet.server.page;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.FormElement;

/** A form of a page, to be filled in and submitted. */
public final class HtmlForm {

    private final HtmlPage page;
    private final FormElement form;
    private final Element button;

    HtmlForm(HtmlPage page, FormElement form, Element button) {
        this.page = page;
        this.form = form;
        this.button = button;
    }

    /** Types into the field with this label. */
    public HtmlForm fill(String label, String text) {
        return fill(field(form, label), text);
    }

    /** Types into the field with this id. */
    public HtmlForm fillId(String id, String text) {
        return fill(form.expectFirst("#" + id), text);
    }

    private HtmlForm fill(Element field, String text) {
        if (field.normalName().equals("textarea")) {
            field.text(text);
        } else {
            field.attr("value", text);
        }
        return this;
    }

    public HtmlForm check(String label) {
        field(form, label).attr("checked", true);
        return this;
    }

    public HtmlForm uncheck(String label) {
        field(form, label).removeAttr("checked");
        return this;
    }

    /** Selects the option with this value. */
    public HtmlForm select(String label, String value) {
        var select = field(form, label);
        select.select("option").removeAttr("selected");
        select.expectFirst("option[value=\"" + value + "\"]").attr("selected", true);
        return this;
    }

    /** Submits as the page's scripts do: through htmx, if the form is one of its forms. */
    public HtmlPage submit() throws IOException, InterruptedException {
        return submit(form.hasAttr("hx-post") || form.hasAttr("hx-get") ? Map.of("HX-Request", "true") : Map.of());
    }

    /** Submits as a browser does that runs no scripts. */
    public HtmlPage submitWithoutScripts() throws IOException, InterruptedException {
        return submit(Map.of());
    }

    private HtmlPage submit(Map<String, String> headers) throws IOException, InterruptedException {
        var action = button.hasAttr("formaction") ? button.attr("formaction") : form.attr("action");
        return form.attr("method").equals("post")
                ? page.client().post(action, encoded(), headers)
                : page.client().open(action + "?" + encoded());
    }

    private String encoded() {
        var pairs = new ArrayList<String>();
        for (var field : form.select("input[name], select[name], textarea[name]")) {
            if (sends(field)) {
                pairs.add(pair(field.attr("name"), value(field)));
            }
        }
        if (button.hasAttr("name")) {
            pairs.add(pair(button.attr("name"), button.attr("value")));
        }
        return String.join("&", pairs);
    }

    private static boolean sends(Element field) {
        boolean chosen = switch (field.attr("type")) {
            case "checkbox", "radio" -> field.hasAttr("checked");
            default -> true;
        };
        return chosen && !field.hasAttr("disabled");
    }

    /** As browsers send text: with CRLF between lines. */
    private static String pair(String name, String value) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8) + "="
                + URLEncoder.encode(value.replace("\n", "\r\n"), StandardCharsets.UTF_8);
    }

    static String value(Element field) {
        return switch (field.normalName()) {
            case "textarea" -> field.wholeText();
            case "select" ->
                field.select("option").stream()
                        .filter(option -> option.hasAttr("selected"))
                        .findFirst()
                        .orElseGet(() -> field.expectFirst("option"))
                        .attr("value");
            default -> field.attr("value");
        };
    }

    static Element field(Element within, String label) {
        var exact = labelled(within, label::equals);
        var found = exact.isEmpty() ? labelled(within, text -> text.startsWith(label)) : exact;
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " fields are labelled " + label);
        }
        return found.get(0);
    }

    private static List<Element> labelled(Element within, Predicate<String> label) {
        var found = new ArrayList<Element>();
        for (var field : within.select("input, select, textarea")) {
            if (label.test(label(field))) {
                found.add(field);
            }
        }
        return found;
    }

    private static String label(Element field) {
        var around = field.closest("label");
        if (field.hasAttr("aria-label") || around != null) {
            return around == null ? field.attr("aria-label") : around.text();
        }
        var beside = field.id().isEmpty() ? null : field.root().selectFirst("label[for=" + field.id() + "]");
        return beside == null ? "" : beside.text();
    }
}
