package io.resticfleet.protocol.listing;

import java.util.Arrays;

/** Type of a file in a snapshot. */
public enum NodeType {
    FILE("file", "f"),
    DIRECTORY("dir", "d"),
    SYMLINK("symlink", "l"),
    DEVICE("dev", "b"),
    CHARACTER_DEVICE("chardev", "c"),
    FIFO("fifo", "p"),
    SOCKET("socket", "s"),
    /** restic could not tell, or a newer one has more types. */
    OTHER("irregular", "o");

    private final String word;
    private final String letter;

    NodeType(String word, String letter) {
        this.word = word;
        this.letter = letter;
    }

    /** restic's name of it, such as {@code dir}. */
    public String word() {
        return word;
    }

    /** In a listing. */
    String letter() {
        return letter;
    }

    /** By restic's name; {@link #OTHER} if it is none of these. */
    public static NodeType of(String word) {
        return Arrays.stream(values())
                .filter(type -> type.word.equals(word))
                .findFirst()
                .orElse(OTHER);
    }

    /** By its letter; {@link #OTHER} if it is none of these. */
    static NodeType ofLetter(String letter) {
        return Arrays.stream(values())
                .filter(type -> type.letter.equals(letter))
                .findFirst()
                .orElse(OTHER);
    }
}
