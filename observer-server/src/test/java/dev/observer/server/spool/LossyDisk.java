package dev.observer.server.spool;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A directory on a disk whose power can be cut at any step. What is left then is the least that
 * POSIX promises: of a file the bytes that were there when it was synced, of a directory the names
 * that were there when it was synced and were not removed since, synced or not. A name that was
 * moved, as every file system does that in one piece, is at its old place until its new directory
 * is synced.
 */
final class LossyDisk extends FileSystemProvider {
  /** The power is gone. */
  static final class PowerCut extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final FileSystemProvider real = FileSystems.getDefault().provider();
  private final FileSystem fileSystem = new Mounted();
  private final Path root;

  /** Synced bytes of files and synced names of directories, by what the file system calls them. */
  private final Map<Object, byte[]> files = new HashMap<>();

  private final Map<Object, Map<String, Object>> directories = new HashMap<>();
  private final List<Moved> moved = new ArrayList<>();
  private final AtomicInteger failingSyncs = new AtomicInteger();
  private int stepsLeft = Integer.MAX_VALUE;

  /** What a move took away and may still be there, until this directory is synced. */
  private record Moved(Path file, ByteBuffer bytes, Object until) {}

  LossyDisk(Path root) throws IOException {
    this.root = root;
    directories.put(key(root), new HashMap<>());
  }

  /** The directory, to be given to whoever is to be tested. */
  Path path() {
    return wrap(root);
  }

  /** Lets so many more steps happen, writes and syncs and changes of names. */
  void cutAfter(int steps) {
    stepsLeft = steps;
  }

  void failSyncs(int times) {
    failingSyncs.set(times);
  }

  private void step() {
    if (stepsLeft-- <= 0) {
      throw new PowerCut();
    }
  }

  /** Writes into an empty directory what is left. */
  void leftOver(Path target) throws IOException {
    leftOver(root, target);
  }

  private void leftOver(Path directory, Path target) throws IOException {
    Files.createDirectories(target);
    Map<String, Object> names = directories.getOrDefault(key(directory), Map.of());
    for (Map.Entry<String, Object> name : names.entrySet()) {
      Path file = directory.resolve(name.getKey());
      if (!Files.exists(file) || !key(file).equals(name.getValue())) {
        continue;
      }
      if (Files.isDirectory(file)) {
        leftOver(file, target.resolve(name.getKey()));
      } else {
        byte[] bytes = files.getOrDefault(name.getValue(), new byte[0]);
        Files.write(target.resolve(name.getKey()), bytes);
      }
    }
    for (Moved before : moved) {
      if (directory.equals(before.file().getParent())) {
        Files.write(target.resolve(before.file().getFileName()), before.bytes().array());
      }
    }
  }

  private void move(Path source, Path target) throws IOException {
    Object until = key(parent(target));
    for (Path file : List.of(source, target)) {
      Object name = String.valueOf(file.getFileName());
      Map<String, Object> names = directories.getOrDefault(key(parent(file)), Map.of());
      if (Files.exists(file) && key(file).equals(names.get(name))) {
        moved.add(
            new Moved(file, ByteBuffer.wrap(files.getOrDefault(key(file), new byte[0])), until));
      }
    }
  }

  /** A file of its own, even if the file system calls it by the name of one that is gone. */
  private <C> C made(Path file, boolean isNew, C channel) throws IOException {
    if (isNew) {
      files.remove(key(file));
    }
    return channel;
  }

  private static Path parent(Path file) {
    return Objects.requireNonNull(file.getParent());
  }

  private static Object key(Path file) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(file, BasicFileAttributes.class).fileKey(), "no inodes here");
  }

  private void synced(Path file) throws IOException {
    if (!Files.isDirectory(file)) {
      files.put(key(file), Files.readAllBytes(file));
      return;
    }
    Object directoryKey = key(file);
    Map<String, Object> names = new HashMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(file)) {
      for (Path entry : entries) {
        names.put(String.valueOf(entry.getFileName()), key(entry));
      }
    }
    directories.put(directoryKey, names);
    moved.removeIf(before -> before.until().equals(directoryKey));
  }

  /** A path that leads here: everything that {@link Files} does with it comes to this provider. */
  private Path wrap(Path path) {
    return (Path)
        Proxy.newProxyInstance(
            LossyDisk.class.getClassLoader(),
            new Class<?>[] {Path.class, Wrapped.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getFileSystem")) {
                return fileSystem;
              }
              if (method.getDeclaringClass() == Wrapped.class) {
                return path;
              }
              Object[] plain = arguments == null ? new Object[0] : arguments.clone();
              for (int i = 0; i < plain.length; i++) {
                plain[i] = plain[i] instanceof Wrapped wrapped ? wrapped.unwrapped() : plain[i];
              }
              try {
                Object result = method.invoke(path, plain);
                return result instanceof Path other ? wrap(other) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private interface Wrapped {
    Path unwrapped();
  }

  private static Path plain(Path path) {
    return path instanceof Wrapped wrapped ? wrapped.unwrapped() : path;
  }

  private final class Synced extends FaultyChannel {
    private final Path file;

    Synced(FileChannel channel, Path file) {
      super(channel, failingSyncs);
      this.file = file;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      step();
      super.force(metaData);
      synced(file);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      step();
      return super.write(source);
    }
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (options.contains(StandardOpenOption.WRITE)) {
      step();
    }
    boolean isNew = !Files.exists(plain(path));
    FileChannel channel = real.newFileChannel(plain(path), options, attributes);
    return made(plain(path), isNew, new Synced(channel, plain(path)));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (options.contains(StandardOpenOption.WRITE)) {
      step();
    }
    boolean isNew = !Files.exists(plain(path));
    return made(plain(path), isNew, real.newByteChannel(plain(path), options, attributes));
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> entries =
        real.newDirectoryStream(plain(directory), path -> filter.accept(wrap(path)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> all = entries.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public Path next() {
            return wrap(all.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        entries.close();
      }
    };
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    step();
    real.createDirectory(plain(directory), attributes);
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    step();
    real.createLink(plain(link), plain(existing));
  }

  @Override
  public void delete(Path path) throws IOException {
    step();
    real.delete(plain(path));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    step();
    real.copy(plain(source), plain(target), options);
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    step();
    move(plain(source), plain(target));
    real.move(plain(source), plain(target), options);
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return real.isSameFile(plain(path), plain(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return real.isHidden(plain(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return real.getFileStore(plain(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    real.checkAccess(plain(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return real.getFileAttributeView(plain(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return real.readAttributes(plain(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return real.readAttributes(plain(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    real.setAttribute(plain(path), name, value, options);
  }

  @Override
  public String getScheme() {
    return "lossy";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  /** The default file system, but for its provider. */
  private final class Mounted extends FileSystem {
    private final FileSystem system = FileSystems.getDefault();

    @Override
    public FileSystemProvider provider() {
      return LossyDisk.this;
    }

    @Override
    public void close() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public String getSeparator() {
      return system.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      return system.getRootDirectories();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      return system.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return system.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
      return wrap(system.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
      return system.getPathMatcher(pattern);
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      return system.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() {
      throw new UnsupportedOperationException();
    }
  }
}
