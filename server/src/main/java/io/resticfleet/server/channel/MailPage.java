package io.resticfleet.server.channel;

import java.util.stream.Collectors;

/** The HTML of an email; plain enough for every program that shows email. */
final class MailPage {

    private MailPage() {}

    /** @param end added to the text */
    static String of(MessageContent content, String end) {
        var paragraphs = (content.text() + end)
                .lines()
                .filter(line -> !line.isBlank() && !line.equals(content.url()))
                .map(line -> "<p style=\"margin:0 0 12px\">" + escaped(line) + "</p>")
                .collect(Collectors.joining("\n"));
        return """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>%1$s</title></head>
                <body style="font-family:sans-serif;font-size:15px;line-height:1.5;color:#1f2937;margin:0;padding:16px">
                <div style="border-left:6px solid %2$s;padding:4px 16px;max-width:640px">
                <h1 style="font-size:18px;margin:0 0 12px">%1$s</h1>
                %3$s
                <p style="margin:16px 0 0"><a href="%4$s">Open restic-fleet</a></p>
                </div></body></html>
                """.formatted(escaped(content.title()), content.look().color(), paragraphs, escaped(content.url()));
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
