package io.resticfleet.server.page;

/**
 * A word about what was just done, which goes by itself if it is good.
 *
 * @param tone one of {@code ok bad}
 * @param link empty for none
 */
record Toast(String tone, String words, String link, String linkWords) {

    static Toast done(String words, String link, String linkWords) {
        return new Toast("ok", words, link, linkWords);
    }

    static Toast failed(String words) {
        return new Toast("bad", words, "", "");
    }
}
