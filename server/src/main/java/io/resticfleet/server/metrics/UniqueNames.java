package io.resticfleet.server.metrics;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Names as labels: one that several things have is followed by the id, as each label stands for one thing. */
final class UniqueNames {

    private UniqueNames() {}

    /** Labels by id. */
    static <T> Map<String, String> of(Collection<T> things, Function<T, String> id, Function<T, String> name) {
        var counts = new HashMap<String, Integer>();
        things.forEach(thing -> counts.merge(name.apply(thing), 1, Integer::sum));
        var labels = new HashMap<String, String>();
        things.forEach(thing -> {
            var plain = name.apply(thing);
            labels.put(id.apply(thing), counts.get(plain) == 1 ? plain : plain + " (" + id.apply(thing) + ")");
        });
        return labels;
    }
}
