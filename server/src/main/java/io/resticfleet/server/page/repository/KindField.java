package io.resticfleet.server.page.repository;

/**
 * A field of the form of a kind of repository.
 *
 * @param name in the form; of a variable for restic its name, such as {@code AWS_DEFAULT_REGION}
 * @param example shown while the field is empty
 */
public record KindField(String name, String label, Type type, String example, String hint) {

    /** How it is entered, and whether it may be shown again. */
    public enum Type {
        LINE,
        TEXT,
        SECRET,
        SECRET_TEXT,
        CHECK;

        /** Whether its value is never written into a page. */
        public boolean isSecret() {
            return this == SECRET || this == SECRET_TEXT;
        }
    }

    /** Whether it is a variable for restic. */
    boolean isVariable() {
        return Character.isUpperCase(name.charAt(0));
    }

    static KindField line(String name, String label, String hint) {
        return new KindField(name, label, Type.LINE, "", hint);
    }

    static KindField line(String name, String label, String example, String hint) {
        return new KindField(name, label, Type.LINE, example, hint);
    }

    static KindField secret(String name, String label, String hint) {
        return new KindField(name, label, Type.SECRET, "", hint);
    }
}
