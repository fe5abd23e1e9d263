package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * The answer to a question: a result, or why there is none. In JSON its components are among the fields of the {@link
 * ToServer.Answer}; a failure has a {@code code}, a result has {@code ask}, the name of what was asked.
 */
public sealed interface Reply
        permits PathReport,
                SshAccess,
                LocksReport,
                PermissionReport,
                Reply.FolderSent,
                Reply.DumpStarted,
                Reply.Failure {

    /**
     * What is in the directory was sent.
     *
     * @param count number of files and directories directly in it
     */
    @JsonPropertyOrder("ask")
    record FolderSent(long count) implements Reply {

        public FolderSent {
            count = Limit.count(count);
        }

        @JsonProperty("ask")
        String word() {
            return Ask.Folder.WORD;
        }
    }

    /** There is such a file, or directory, and its bytes are being sent. */
    record DumpStarted() implements Reply {

        @JsonProperty("ask")
        String word() {
            return Ask.Dump.WORD;
        }
    }

    /**
     * No result.
     *
     * @param code {@code questions_off}: the machine's owner does not allow questions; {@code busy}: too many are waiting, or hang;
     *     {@code timeout}: not answered within the time limit; {@code answer_too_large}: more than {@link
     *     Protocol#MAX_ANSWER_BYTES}; {@code invalid_path}: the path cannot be expressed on the machine; {@code unreachable}: no
     *     ssh server answers; {@code no_repository}: the machine does not use it; {@code policy_repository}: the machine's owner does not allow such repositories;
     *     {@code download_off}: the machine's owner does not allow downloads; {@code no_such_file}: it is not in the snapshot;
     *     {@code not_a_file}, {@code not_a_directory}: it is something else; {@code transfer_failed}: it could not be sent to the
     *     server; one of {@link ErrorCode}, if restic fails; {@code failed}: anything else. New ones may be added
     * @param detail text for the operator, at most 1,000 characters
     */
    record Failure(String code, String detail) implements Reply {

        private static final int MAX_CODE_LENGTH = 100;
        private static final int MAX_DETAIL_LENGTH = 1_000;

        /** @throws IllegalArgumentException if a text is too long */
        public Failure {
            if (code.length() > MAX_CODE_LENGTH || detail.length() > MAX_DETAIL_LENGTH) {
                throw new IllegalArgumentException("the reason of a failure is too long");
            }
        }
    }

    /** Reads either from the fields of the answer. */
    final class Reader extends UnwrappedReader<Reply> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(Reply.class, "ask");
        }

        @Override
        Class<? extends Reply> type(String word, JsonNode fields) {
            if (fields.hasNonNull("code")) {
                return Failure.class;
            }
            return switch (word) {
                case Ask.Path.WORD -> PathReport.class;
                case Ask.Ssh.WORD -> SshAccess.class;
                case Ask.Locks.WORD -> LocksReport.class;
                case Ask.RestorePermission.WORD -> PermissionReport.class;
                case Ask.Folder.WORD -> FolderSent.class;
                case Ask.Dump.WORD -> DumpStarted.class;
                default -> throw new IllegalArgumentException("unknown kind of answer");
            };
        }

        @Override
        Reader copy() {
            return new Reader();
        }
    }
}
