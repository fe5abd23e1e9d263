package io.resticfleet.agent.reading;

import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.WellFormedText;

/** A snapshot cannot be read, for a reason that the server is told. */
final class ReadingFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private static final int MAX_DETAIL = 900;

    private final String code;

    ReadingFailed(String code, String detail) {
        super(WellFormedText.cut(detail, MAX_DETAIL));
        this.code = code;
    }

    ReadingFailed(ErrorCode code, String detail) {
        this(code.word(), detail);
    }

    /** restic has failed. */
    static ReadingFailed of(ResticFailure failure, String stderr) {
        return new ReadingFailed(failure.code(), failure.explain(stderr));
    }

    String code() {
        return code;
    }

    Reply.Failure reply() {
        return new Reply.Failure(code, getMessage());
    }
}
