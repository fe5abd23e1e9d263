package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
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
     * agent stores the request for that. If the owner allows no questions, the answer is the policy's, without a look at the
     * place.
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
        public boolean tellsOfMachine() {
            return false;
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

    /**
     * What is directly in a directory of a snapshot. The agent sends it as a listing to the transfer's address, then answers
     * {@link Reply.FolderSent}.
     *
     * @param repositoryId one of the host's; absent for its first
     * @param snapshotId full id
     * @param directory a directory, or the root
     */
    record Folder(
            Optional<RepositoryId> repositoryId,
            String snapshotId,

            @JsonUnwrapped @JsonDeserialize(using = PathReader.class)
            SnapshotPath directory,

            TransferToken transfer)
            implements Ask {

        /** The name in JSON. */
        static final String WORD = "folder";

        /** @throws IllegalArgumentException if the id is none, or the path is longer than a system's */
        public Folder {
            Snapshot.checkFullId(snapshotId);
            checkLength(directory);
        }

        @Override
        public String word() {
            return WORD;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.folder(this);
        }
    }

    /**
     * What is at a path of a snapshot, as bytes. The agent answers {@link Reply.DumpStarted} when it has the first of them,
     * and sends them to the transfer's address; if it cannot send all, it breaks off the request and does not end it.
     *
     * @param repositoryId one of the host's; absent for its first
     * @param snapshotId full id
     * @param file a file; for an archive also a directory, or the root
     * @param offset number of bytes at the beginning that are not sent; 0 for an archive
     */
    record Dump(
            Optional<RepositoryId> repositoryId,
            String snapshotId,

            @JsonUnwrapped @JsonDeserialize(using = PathReader.class)
            SnapshotPath file,

            DumpFormat format,
            long offset,
            TransferToken transfer)
            implements Ask {

        /** The name in JSON. */
        static final String WORD = "dump";

        /** @throws IllegalArgumentException if one of them cannot be read so */
        public Dump {
            Snapshot.checkFullId(snapshotId);
            checkLength(file);
            if (offset < 0 || offset > 0 && format != DumpFormat.RAW) {
                throw new IllegalArgumentException("an offset is a number of bytes of a file");
            }
        }

        @Override
        public String word() {
            return WORD;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.dump(this);
        }
    }

    private static void checkLength(SnapshotPath path) {
        if (path.raw().length() > Path.MAX_BYTES) {
            throw new IllegalArgumentException("a path has at most " + Path.MAX_BYTES + " bytes");
        }
    }

    /** Reads a path whose fields are among those of the question. */
    final class PathReader extends UnwrappedReader<SnapshotPath> {
        private static final long serialVersionUID = 1L;

        PathReader() {
            super(SnapshotPath.class, "path");
        }

        @Override
        Class<? extends SnapshotPath> type(String word, JsonNode fields) {
            return SnapshotPath.class;
        }

        @Override
        PathReader copy() {
            return new PathReader();
        }
    }

    /** One method for each kind of question, so that the compiler finds every place that lacks a new one. */
    interface Cases<R> {
        R path(Path ask);

        R ssh(Ssh ask);

        R locks(Locks ask);

        R restorePermission(RestorePermission ask);

        R folder(Folder ask);

        R dump(Dump ask);
    }

    /** Calls the method for this. */
    <R> R match(Cases<R> cases);

    /** The name in JSON, such as {@code path}. */
    @JsonProperty("ask")
    String word();

    /** Whether the answer depends on more than the machine's policy, so that its owner may not want it to be given. */
    default boolean tellsOfMachine() {
        return true;
    }

    /** The feature in the {@link Hello} of an agent that can answer this. */
    default String feature() {
        return feature(word());
    }

    private static String feature(String word) {
        return "question." + word;
    }

    /** Every feature of an agent of this version. */
    static List<String> features() {
        return List.of(
                feature(Path.WORD),
                feature(Ssh.WORD),
                feature(Locks.WORD),
                feature(RestorePermission.WORD),
                feature(Folder.WORD),
                feature(Dump.WORD));
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
                case Folder.WORD -> Folder.class;
                case Dump.WORD -> Dump.class;
                default -> throw new IllegalArgumentException("unknown kind of question");
            };
        }

        @Override
        Reader copy() {
            return new Reader();
        }
    }
}
