package dev.observer.example;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Opens the shop of {@link WithShop}. */
final class ShopExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ShopExtension.class);

  /** A shop, and the directory that is deleted with it. */
  private record Opened(Path data, Shop shop) implements AutoCloseable {
    static Opened create() {
      try {
        Path data = Files.createTempDirectory("shop");
        return new Opened(data, Shops.open(data));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      shop.close();
      List<Path> files;
      try (Stream<Path> tree = Files.walk(data)) {
        files = tree.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  /** Otherwise the one of the class would be that of each of its instances. */
  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Shop.class || type == Reading.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Shop shop =
        context
            .getStore(NAMESPACE)
            .computeIfAbsent(Opened.class, opened -> Opened.create(), Opened.class)
            .shop();
    return parameter.getParameter().getType() == Shop.class
        ? shop
        : Reading.of(shop.uri(), shop.observer());
  }
}
