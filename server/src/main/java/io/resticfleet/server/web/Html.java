package io.resticfleet.server.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;

/** Makes HTML of templates, which were compiled with the program. Everything they show is escaped for its place. */
public final class Html {

    private final TemplateEngine engine;

    /** @param templates package that holds the compiled templates */
    public Html(String templates) {
        engine = TemplateEngine.createPrecompiled(null, ContentType.Html, Html.class.getClassLoader(), templates);
    }

    /** @param model the template's only parameter */
    public String render(String template, Object model) {
        var out = new StringOutput();
        engine.render(template, model, out);
        return out.toString();
    }

    /** Answers a request. The status stays what it is. */
    public void answer(Context ctx, String template, Object model) {
        BrowserRules.apply(ctx);
        send(ctx, render(template, model));
    }

    public static void send(Context ctx, String html) {
        ctx.contentType("text/html;charset=utf-8").result(html);
    }
}
