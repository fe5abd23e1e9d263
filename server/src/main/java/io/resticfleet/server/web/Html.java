package io.resticfleet.server.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;

/** Renders precompiled jte templates to HTML; jte escapes every value for its context. */
public final class Html {

    private final TemplateEngine engine;

    /** @param templates package of the compiled templates */
    public Html(String templates) {
        engine = TemplateEngine.createPrecompiled(null, ContentType.Html, Html.class.getClassLoader(), templates);
    }

    /** @param model the template's only parameter */
    public String render(String template, Object model) {
        var out = new StringOutput();
        engine.render(template, model, out);
        return out.toString();
    }

    /** Answers with a page; does not set the status. */
    public void answer(Context ctx, String template, Object model) {
        BrowserRules.apply(ctx);
        send(ctx, render(template, model));
    }

    public static void send(Context ctx, String html) {
        ctx.contentType("text/html;charset=utf-8").result(html);
    }
}
