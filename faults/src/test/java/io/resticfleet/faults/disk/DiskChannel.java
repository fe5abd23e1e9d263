package io.resticfleet.faults.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** An open file or directory of a {@link MemoryDisk}. */
final class DiskChannel extends FileChannel {

    private final MemoryDisk disk;
    private final Node node;
    private final boolean appends;
    private int position;

    DiskChannel(MemoryDisk disk, Node node, boolean appends) {
        this.disk = disk;
        this.node = node;
        this.appends = appends;
    }

    private Node.File file() throws IOException {
        if (node instanceof Node.File file) {
            return file;
        }
        throw new IOException("Is a directory");
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = read(into, position);
        position += Math.max(0, read);
        return read;
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        int length = (int) Math.min(into.remaining(), file().size - at);
        if (length <= 0) {
            return into.hasRemaining() ? -1 : 0;
        }
        into.put(file().content, (int) at, length);
        return length;
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        position = appends ? file().size : position;
        int written = write(from, position);
        position += written;
        return written;
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
        disk.notifyChange();
        disk.takeSpace(Math.max(0, at + from.remaining() - file().size));
        var bytes = new byte[from.remaining()];
        from.get(bytes);
        file().write((int) at, bytes);
        return bytes.length;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public FileChannel position(long newPosition) {
        position = (int) newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        return file().size;
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        disk.notifyChange();
        disk.takeSpace(Math.min(0, size - file().size));
        file().truncate((int) size);
        return this;
    }

    @Override
    public void force(boolean metaData) {
        disk.notifyChange();
        if (node instanceof Node.File file) {
            file.flush();
        } else if (node instanceof Node.Directory directory) {
            disk.flush(directory);
        }
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseChannel() {
        // nothing to release
    }
}
