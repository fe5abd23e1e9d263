package io.resticfleet.server.metrics;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
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
        var taken = new HashSet<String>();
        for (var thing : things) {
            var plain = name.apply(thing);
            var withId = " (" + id.apply(thing) + ")";
            var label = counts.get(plain) == 1 ? plain : plain + withId;
            while (!taken.add(label)) {
                label += withId; // somebody has chosen such a name
            }
            labels.put(id.apply(thing), label);
        }
        return labels;
    }
}
