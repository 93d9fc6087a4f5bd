package dev.observer.server.sink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every place that replay batches are delivered to must do. */
public abstract class ReplayStoreContract {
  @TempDir protected Path directory;
  private ReplayStore store;

  protected abstract ReplayStore open(Path directory) throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open(directory);
  }

  private boolean put(String session, String recording, int sequence, byte... bytes)
      throws Exception {
    Path file = Files.createTempFile(directory, "batch", ".gz");
    Files.write(file, bytes);
    boolean stored = store.put(new ReplayKey(session, recording, sequence), file);
    Files.deleteIfExists(file); // as the spool does
    return stored;
  }

  private byte[] get(String session, String recording, int sequence) throws Exception {
    try (InputStream in = store.open(new ReplayKey(session, recording, sequence))) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @Test
  void batch_comesBackByteForByte_afterTheFileIsGone() throws Exception {
    byte[] bytes = {31, (byte) 139, 0, -1, 10};
    put("session-1", "recording-1", 0, bytes);
    assertArrayEquals(bytes, get("session-1", "recording-1", 0));
  }

  @Test
  void sameKeyAgain_leavesTheFirst() throws Exception {
    assertTrue(put("session-1", "recording-1", 0, (byte) 1));
    assertFalse(put("session-1", "recording-1", 0, (byte) 2));
    assertFalse(put("session-1", "recording-1", 0, (byte) 1));
    assertArrayEquals(new byte[] {1}, get("session-1", "recording-1", 0));
  }

  @Test
  void missingBatch_isNull() throws Exception {
    assertNull(store.open(new ReplayKey("session-1", "recording-1", 7)));
    assertEquals(List.of(), store.list("session-1"));
    assertEquals(List.of(), store.list("../../.."));
  }

  @Test
  void list_isOneSessionInOrder_withSizes() throws Exception {
    put("session-1", "recording-2", 0, (byte) 1);
    put("session-1", "recording-1", 10, (byte) 1, (byte) 2);
    put("session-1", "recording-1", 9, (byte) 1);
    put("session-10", "recording-1", 0, (byte) 1);
    assertEquals(
        List.of(
            new ReplayStore.Batch(new ReplayKey("session-1", "recording-1", 9), 1),
            new ReplayStore.Batch(new ReplayKey("session-1", "recording-1", 10), 2),
            new ReplayStore.Batch(new ReplayKey("session-1", "recording-2", 0), 1)),
        store.list("session-1"));
  }

  @Test
  void missingFile_isAnError_notAnEmptyBatch() {
    assertThrows(
        SinkException.class,
        () -> store.put(new ReplayKey("session-1", "recording-1", 0), directory.resolve("no")));
  }

  @Test
  void keys_cannotLeaveTheirPlace() {
    for (String id : List.of("", "short", "../../../x", "a/b/c/d/e", "session 1", "x".repeat(65))) {
      assertThrows(IllegalArgumentException.class, () -> new ReplayKey(id, "recording-1", 0));
      assertThrows(IllegalArgumentException.class, () -> new ReplayKey("session-1", id, 0));
    }
    assertThrows(
        IllegalArgumentException.class, () -> new ReplayKey("session-1", "recording-1", -1));
  }
}
