import { Route, Router } from "@solidjs/router";
import { BrokenPage } from "./pages/broken";
import { CartPage } from "./pages/cart";
import { CheckoutPage } from "./pages/checkout";
import { CollectionPage } from "./pages/collection";
import { NotFoundPage } from "./pages/not-found";
import { OrderPage } from "./pages/order";
import { ProductPage } from "./pages/product";
import { Shell } from "./shell";
import { getProduct, getProducts } from "./shop/api";
import { createCart } from "./shop/cart";
import { CartContext } from "./shop/context";

export function App() {
  return (
    <CartContext.Provider value={createCart(localStorage)}>
      <Router root={Shell} explicitLinks>
        <Route path="/" component={CollectionPage} preload={() => void getProducts()} />
        <Route
          path="/products/:id"
          component={ProductPage}
          preload={({ params }) => void getProduct(params.id ?? "")}
        />
        <Route path="/cart" component={CartPage} preload={() => void getProducts()} />
        <Route path="/checkout" component={CheckoutPage} preload={() => void getProducts()} />
        <Route path="/orders/:id" component={OrderPage} />
        <Route path="/broken" component={BrokenPage} />
        <Route path="*" component={NotFoundPage} />
      </Router>
    </CartContext.Provider>
  );
}
