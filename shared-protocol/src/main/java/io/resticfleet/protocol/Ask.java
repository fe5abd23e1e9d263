package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link ToAgent.Question} asks: one record for each kind, none of which changes anything on the machine outside the
 * agent's own directory. In JSON its components are among the fields of the question, beside {@code ask}.
 */
@JsonPropertyOrder("ask")
public sealed interface Ask {

    /**
     * What is at a path on the agent's machine. Answered by a {@link PathReport}.
     *
     * @param path absolute, of at most 4,096 bytes in UTF-8, without control characters
     * @param oneFileSystem whether counting stays in the path's own file system, as a backup with that option does
     */
    record Path(String path, boolean oneFileSystem) implements Ask {

        /** The name in JSON. */
        static final String WORD = "path";

        private static final int MAX_BYTES = 4_096;

        /** @throws IllegalArgumentException if the path cannot exist on any machine */
        public Path {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("a path must be absolute, starting with /");
            }
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(path)
                    || path.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("a path must be text on one line");
            }
            if (path.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
                throw new IllegalArgumentException("a path has at most " + MAX_BYTES + " bytes");
            }
        }

        @Override
        public String word() {
            return WORD;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.path(this);
        }
    }

    /**
     * How the agent could open an sftp repository: its public key, and the keys that the server shows. Answered by a {@link
     * SshAccess}. The agent makes its key for the first of these.
     *
     * @param url of an sftp repository
     */
    record Ssh(RepositoryUrl url) implements Ask {

        /** The name in JSON. */
        static final String WORD = "ssh_access";

        /** @throws IllegalArgumentException if it is another kind of repository */
        public Ssh {
            if (url.sshServer().isEmpty()) {
                throw new IllegalArgumentException("only an sftp repository has an ssh server");
            }
        }

        @Override
        public String word() {
            return WORD;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.ssh(this);
        }
    }

    /**
     * The locks of a repository. Answered by a {@link LocksReport}.
     *
     * @param repositoryId one of the host's; absent for its first
     */
    record Locks(Optional<RepositoryId> repositoryId) implements Ask {

        /** The name in JSON. */
        static final String WORD = "locks";

        @Override
        public String word() {
            return WORD;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.locks(this);
        }
    }

    /**
     * Whether the machine lets a restore write there. Answered by a {@link PermissionReport}. If its owner can allow it, the
     * agent stores the request for that.
     *
     * @param repositoryId one of the host's
     * @param origin of the snapshot, as the server knows it, such as the host's name and the time
     */
    record RestorePermission(RepositoryId repositoryId, Restore restore, String origin) implements Ask {

        /** The name in JSON. */
        static final String WORD = "restore_permission";

        /** @throws IllegalArgumentException if the origin is too long */
        public RestorePermission {
            Limit.check(origin, Limit.LINE);
        }

        @Override
        public String word() {
            return WORD;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.restorePermission(this);
        }
    }

    /** One method for each kind of question, so that the compiler finds every place that lacks a new one. */
    interface Cases<R> {
        R path(Path ask);

        R ssh(Ssh ask);

        R locks(Locks ask);

        R restorePermission(RestorePermission ask);
    }

    /** Calls the method for this. */
    <R> R match(Cases<R> cases);

    /** The name in JSON, such as {@code path}. */
    @JsonProperty("ask")
    String word();

    /** The feature in the {@link Hello} of an agent that can answer this. */
    default String feature() {
        return feature(word());
    }

    private static String feature(String word) {
        return "question." + word;
    }

    /** Every feature of an agent of this version. */
    static List<String> features() {
        return List.of(feature(Path.WORD), feature(Ssh.WORD), feature(Locks.WORD), feature(RestorePermission.WORD));
    }

    /** Reads what is asked from the fields of the question. */
    final class Reader extends UnwrappedReader<Ask> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(Ask.class, "ask");
        }

        @Override
        Class<? extends Ask> type(String word, JsonNode fields) {
            return switch (word) {
                case Path.WORD -> Path.class;
                case Ssh.WORD -> Ssh.class;
                case Locks.WORD -> Locks.class;
                case RestorePermission.WORD -> RestorePermission.class;
                default -> throw new IllegalArgumentException("unknown kind of question");
            };
        }

        @Override
        Reader copy() {
            return new Reader();
        }
    }
}
