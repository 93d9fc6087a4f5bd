setTimeout(() => history.back(), 500);
