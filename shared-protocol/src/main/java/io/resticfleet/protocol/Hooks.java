package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Shell commands run on the machine around a scheduled job, if its owner allows it.
 *
 * @param pre run before; if it fails, the job does not run
 * @param post run after, whatever the result of the job
 */
public record Hooks(Optional<String> pre, Optional<String> post) {

    public static final Hooks NONE = new Hooks(Optional.empty(), Optional.empty());

    private static final int MAX_LENGTH = 4096;

    public Hooks {
        pre = pre == null ? Optional.empty() : pre.filter(text -> !text.isBlank());
        post = post == null ? Optional.empty() : post.filter(text -> !text.isBlank());
    }

    @JsonIgnore
    public boolean isEmpty() {
        return pre.isEmpty() && post.isEmpty();
    }

    /** Problems of these hooks; empty if there are none. */
    public List<Violation> violations() {
        var wrong = new ArrayList<Violation>();
        pre.ifPresent(text -> check("hooks.pre", text, wrong));
        post.ifPresent(text -> check("hooks.post", text, wrong));
        return wrong;
    }

    private static void check(String field, String text, List<Violation> wrong) {
        if (text.length() > MAX_LENGTH || text.indexOf('\0') >= 0) {
            wrong.add(new Violation(
                    field, "invalid_hook", "a hook is at most " + MAX_LENGTH + " characters, none of them NUL"));
        }
    }
}
