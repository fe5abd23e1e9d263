package io.resticfleet.server.page.frame;

/**
 * A word about what was just done, which goes by itself if it is good.
 *
 * @param tone one of {@code ok bad}
 * @param link empty for none
 */
public record Toast(String tone, String words, String link, String linkWords) {

    public static Toast done(String words, String link, String linkWords) {
        return new Toast("ok", words, link, linkWords);
    }

    static Toast failed(String words) {
        return new Toast("bad", words, "", "");
    }
}
