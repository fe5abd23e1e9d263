package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One step of a change of a repository's password, which restic keeps as keys: each opens the repository with a password of
 * its own. The new password is not in it; a job whose step needs it asks for it with {@link ToServer.CredentialsAsk}.
 *
 * @param keyId the new key, of {@link Step#REMOVE} the old one; absent of {@link Step#ADD}
 */
public record RotateKey(Step step, Optional<String> keyId) implements JobSpec {

    private static final Pattern KEY_ID = Pattern.compile("[0-9a-f]{8,64}");

    /** What is done. */
    public enum Step {
        /** Adds a key for the new password, unless there is one. */
        ADD,
        /** Opens the repository with the new password. */
        PROVE,
        /** Opens the repository with what the host has stored. */
        CONFIRM,
        /** Removes the old key. */
        REMOVE;

        /** In JSON, such as {@code add}. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException if there is no such step */
        @JsonCreator
        public static Step of(String word) {
            for (var step : values()) {
                if (step.word().equals(word)) {
                    return step;
                }
            }
            throw new IllegalArgumentException("no step is called '" + word + "'");
        }
    }

    /** @throws IllegalArgumentException if the key's id is none */
    public RotateKey {
        keyId.filter(id -> !KEY_ID.matcher(id).matches()).ifPresent(id -> {
            throw new IllegalArgumentException("a key's id is 8 to 64 hexadecimal digits");
        });
    }

    /** Whether two ids are of one key: those of restic before 0.17 are the first 8 digits. */
    public static boolean isSame(String one, String other) {
        return !one.isEmpty() && !other.isEmpty() && (one.startsWith(other) || other.startsWith(one));
    }

    /** Whether the agent needs the new password for it. */
    public boolean needsPassword() {
        return step == Step.ADD || step == Step.PROVE;
    }

    @Override
    public boolean asksForCredentials() {
        return step != Step.CONFIRM;
    }

    @Override
    public JobKind kind() {
        return JobKind.ROTATE_KEY;
    }

    @Override
    public <R> R match(JobCases<R> cases) {
        return cases.rotateKey(this);
    }
}
