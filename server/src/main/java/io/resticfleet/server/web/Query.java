package io.resticfleet.server.web;

import java.util.List;

/**
 * A query parameter. It may always be left out, and blank is as good as that.
 *
 * @param words what it may be; empty if that is any text, or a number
 * @param least of a number
 * @param most of a number; 0 if it is none
 */
public record Query(String name, List<String> words, int least, int most) {

    public static Query text(String name) {
        return new Query(name, List.of(), 0, 0);
    }

    public static Query oneOf(String name, List<String> words) {
        return new Query(name, List.copyOf(words), 0, 0);
    }

    static Query number(String name, int least, int most) {
        return new Query(name, List.of(), least, most);
    }
}
