package io.resticfleet.faults.disk;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** A file or a directory: its current and its flushed state. */
sealed interface Node {

    /** Cuts the power: of unflushed changes, a random part survives. */
    void cut(RandomGenerator random);

    /** Size in bytes, including contents. */
    long bytes();

    /** A copy in which everything is flushed. */
    Node copy();

    /** A file. */
    final class File implements Node {
        byte[] content = new byte[0];
        int size;
        private byte[] flushed = new byte[0];

        void write(int position, byte[] bytes) {
            int end = position + bytes.length;
            if (end > content.length) {
                content = Arrays.copyOf(content, Math.max(end, content.length * 2));
            }
            System.arraycopy(bytes, 0, content, position, bytes.length);
            size = Math.max(size, end);
        }

        void truncate(int length) {
            size = Math.min(size, length);
            Arrays.fill(content, size, content.length, (byte) 0);
        }

        void flush() {
            flushed = Arrays.copyOf(content, size);
        }

        @Override
        public void cut(RandomGenerator random) {
            boolean appended =
                    size > flushed.length && Arrays.equals(content, 0, flushed.length, flushed, 0, flushed.length);
            if (appended) {
                truncate(flushed.length + random.nextInt(size - flushed.length + 1));
            } else if (!Arrays.equals(content, 0, size, flushed, 0, flushed.length)) {
                content = flushed.clone();
                size = random.nextInt(4) == 0 ? 0 : content.length;
            }
            flush();
        }

        @Override
        public long bytes() {
            return size;
        }

        @Override
        public File copy() {
            var copy = new File();
            copy.content = content.clone();
            copy.size = size;
            copy.flush();
            return copy;
        }
    }

    /** A directory. */
    final class Directory implements Node {
        final Map<String, Node> entries = new TreeMap<>();
        private Map<String, Node> flushed = new TreeMap<>();

        void flush() {
            flushed = new TreeMap<>(entries);
        }

        void flush(String name) {
            Optional.ofNullable(entries.get(name))
                    .ifPresentOrElse(node -> flushed.put(name, node), () -> flushed.remove(name));
        }

        @Override
        public void cut(RandomGenerator random) {
            var names = new TreeSet<>(entries.keySet());
            names.addAll(flushed.keySet());
            for (var name : names) {
                if (entries.get(name) != flushed.get(name) && random.nextBoolean()) {
                    Optional.ofNullable(flushed.get(name))
                            .ifPresentOrElse(node -> entries.put(name, node), () -> entries.remove(name));
                }
            }
            entries.values().forEach(node -> node.cut(random));
            flush();
        }

        @Override
        public long bytes() {
            return entries.values().stream().mapToLong(Node::bytes).sum();
        }

        @Override
        public Directory copy() {
            var copy = new Directory();
            entries.forEach((name, node) -> copy.entries.put(name, node.copy()));
            copy.flush();
            return copy;
        }
    }
}
