package io.resticfleet.agent.question;

import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.path.PathInspector;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Answers from this machine's file system, with one class for each kind of question. */
public record LocalAnswers(Fstab fstab, LongSupplier nanos) implements Answerer {

    @Override
    public Reply answer(Ask ask, BooleanSupplier over) {
        return ask.match(new Ask.Cases<>() {
            @Override
            public Reply path(Ask.Path path) {
                return PathInspector.counting(fstab, nanos, over).inspect(path);
            }
        });
    }
}
