import { useObserver } from "@observer/client/solid";
import { Route, Router } from "@solidjs/router";
import type { ParentProps } from "solid-js";
import { AccountPage } from "./pages/account";
import { AdminPage } from "./pages/admin";
import { BrokenPage } from "./pages/broken";
import { CartPage } from "./pages/cart";
import { CheckoutPage } from "./pages/checkout";
import { CollectionPage } from "./pages/collection";
import { NotFoundPage } from "./pages/not-found";
import { OrderPage } from "./pages/order";
import { ProductPage } from "./pages/product";
import { AddressStep, ConfirmStep, DetailsStep, SignUp } from "./pages/sign-up";
import { Shell } from "./shell";
import { type Accounts, createAccounts } from "./shop/account";
import { getCounter, getProduct, getProducts } from "./shop/api";
import { createCart } from "./shop/cart";
import { AccountsContext, CartContext, FlagsContext } from "./shop/context";
import { createFlags, type Flags } from "./shop/flags";

export function App() {
  const observer = useObserver();
  const accounts = createAccounts(localStorage);
  // Who signed in on an earlier visit is known from the first page on.
  observer.identify(accounts.current()?.userId ?? null);
  // On every error from now on, so that one can see whether it has to do with them.
  const flags = createFlags(localStorage, observer.setFeatureFlags);
  return (
    <Contexts accounts={accounts} flags={flags}>
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
        <Route path="/sign-up" component={SignUp}>
          <Route path="/" component={AddressStep} />
          <Route path="/details" component={DetailsStep} />
          <Route path="/confirm" component={ConfirmStep} />
        </Route>
        <Route path="/account" component={AccountPage} />
        <Route path="/admin" component={AdminPage} preload={() => void getCounter()} />
        <Route path="/broken" component={BrokenPage} />
        <Route path="*" component={NotFoundPage} />
      </Router>
    </Contexts>
  );
}

function Contexts(props: ParentProps<{ readonly accounts: Accounts; readonly flags: Flags }>) {
  return (
    <CartContext.Provider value={createCart(localStorage)}>
      <AccountsContext.Provider value={props.accounts}>
        <FlagsContext.Provider value={props.flags}>{props.children}</FlagsContext.Provider>
      </AccountsContext.Provider>
    </CartContext.Provider>
  );
}
